"""A small scene with all that styles look at: a sky, a sun, land and a subject with thin parts and eyes."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene

PALETTE = np.array(
    [
        [0.12, 0.10, 0.25],
        [0.35, 0.20, 0.40],
        [0.75, 0.40, 0.35],
        [0.95, 0.70, 0.45],
        [1.0, 0.92, 0.75],
    ],
    np.float32,
)
_FINE = 1024  # drawn this large, then averaged to the side asked for


def _drawn(shapes: Callable[[np.ndarray], None]) -> np.ndarray:
    mask = np.zeros((_FINE, _FINE), np.float32)
    shapes(mask)
    return mask


def _body(mask: np.ndarray) -> None:
    cv2.circle(mask, (500, 560), 210, 1, -1)
    cv2.fillConvexPoly(mask, np.array([[320, 470], [330, 260], [480, 370]]), 1)
    cv2.fillConvexPoly(mask, np.array([[680, 470], [670, 260], [520, 370]]), 1)
    cv2.line(mask, (680, 620), (860, 560), 1, 16)


def _eyes(mask: np.ndarray) -> None:
    for x in (425, 575):
        cv2.ellipse(mask, (x, 530), (26, 40), 0, 0, 360, 1, -1)


def _land(mask: np.ndarray) -> None:
    x = np.arange(_FINE)
    hills = np.stack([x, 700 + 40 * np.sin(x / 140)], 1).astype(np.int32)
    cv2.fillPoly(mask, [np.vstack([hills, [[_FINE, _FINE], [0, _FINE]]])], 1)


def _sun(mask: np.ndarray) -> None:
    cv2.circle(mask, (760, 240), 110, 1, -1)


def make_scene(
    side: int, palette: np.ndarray = PALETTE, colour: tuple[float, ...] = (0.9, 0.45, 0.1)
) -> Scene:
    """The scene in colours of a palette, its subject in a colour of its own."""
    sun, land, body, eyes = (
        cv2.resize(_drawn(shapes), (side, side), interpolation=cv2.INTER_AREA)[..., None]
        for shapes in (_sun, _land, _body, _eyes)
    )
    down = ((np.arange(side, dtype=np.float32) + 0.5) / side)[:, None, None]
    picture = palette[2] + (palette[3] - palette[2]) * down
    for layer, paint in ((sun, palette[4]), (land, palette[1]), (body, colour), (eyes, palette[0])):
        picture = picture + (np.float32(paint) - picture) * layer
    subject, ground = body[..., 0], (land * (1 - body))[..., 0]
    depth = 1 - 0.7 * ground - 0.8 * subject
    return Scene(picture.astype(np.float32), subject, ground, depth, palette, "Joyful", side)
