"""Layers drawn by hand, as a decoder would hand them over."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 256


def layer(*shapes: tuple[str, tuple[int, ...], tuple[int, int, int]]) -> npt.NDArray[np.uint8]:
    """RGBA of discs (x, y, radius) and boxes (left, top, right, bottom), the later over the earlier."""
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    for kind, numbers, colour in shapes:
        if kind == "disc":
            cv2.circle(pixels, numbers[:2], numbers[2], (*colour, 255), -1)
        else:
            cv2.rectangle(pixels, numbers[:2], numbers[2:], (*colour, 255), -1)
    return pixels


def decoded(pixels: npt.NDArray[np.uint8], noise: float = 5.0) -> npt.NDArray[np.uint8]:
    """A layer with soft edges, grain and specks."""
    chance = np.random.default_rng(0)
    straight = pixels.astype(np.float32) / 255
    straight[..., :3] *= straight[..., 3:]
    straight = cv2.GaussianBlur(straight, (0, 0), 0.9)
    straight[..., :3] /= np.maximum(straight[..., 3:], 1e-3)
    grainy = straight * 255 + chance.normal(0, noise, pixels.shape)
    for y, x in chance.integers(4, SIDE - 4, (8, 2)):
        grainy[y : y + 2, x : x + 2, 3] = 200
    return np.clip(grainy, 0, 255).astype(np.uint8)


FRUIT = layer(
    ("disc", (128, 128, 127), (240, 140, 30)),
    ("disc", (90, 100, 24), (250, 250, 250)),
    ("box", (118, 0, 138, 60), (40, 120, 50)),
)
HOUSE = layer(
    ("box", (20, 80, 236, 255), (200, 60, 60)), ("box", (60, 140, 120, 255), (60, 40, 30))
)
HILLS = layer(
    ("box", (0, 160, 255, 255), (90, 160, 80)),
    ("box", (0, 210, 255, 255), (60, 120, 60)),
    ("box", (30, 90, 80, 170), (120, 120, 140)),
    ("box", (44, 110, 60, 130), (255, 214, 102)),
)
