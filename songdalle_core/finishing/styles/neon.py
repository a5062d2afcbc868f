"""Neon: bent glass tubes on a dark wall at night.

Each line is a tube: a core burnt to white, gas of one pure colour about it, and a glow that falls off over
the wall and shows its bricks. What is not a tube is night.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import inks
from songdalle_core.finishing.styles.focus import ambience, focus
from songdalle_core.finishing.styles.lines import edges
from songdalle_core.finishing.styles.noise import cut, noise, spread
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    blur,
    clipped,
    enlarged,
    grey,
    scaled,
    shrunk,
)

_TUBE = 1 / 105  # of the side


def neon(scene: Scene, rng: np.random.Generator) -> Picture:
    """Light a scene: float32 (S, S, 3)."""
    side = scene.side
    # Light has no sharp edges: above a thousand pixels it is computed smaller and enlarged.
    size = min(side, 1024)
    picture, clear = (shrunk(image, size) for image in (scene.picture, focus(scene)))
    soft = blur(picture, size * _TUBE / 2)
    tube = edges(soft, _TUBE) * np.maximum(blur(clear, size / 300), 0.45)
    pure, full = _gas(soft)
    half = size // 2  # a glow is soft enough for half as many pixels
    share = tube / full
    gas = cv2.merge([shrunk(plane * share, half) for plane in pure])
    glow = cv2.addWeighted(blur(gas, half / 110), 1.2, blur(gas, half / 22), 2.0, 0)
    # Behind the subject stands a sheet of faintly coloured glass: it is told from afar.
    share = 0.95 * share + clear * (0.035 + 0.10 * grey(picture)) / full
    core = tube**3 * np.float32(0.42)
    light = enlarged(cv2.merge([plane * share + core for plane in pure]), side)
    glow = enlarged(glow, side)
    paint = spread(cut(noise(side, 60, 4, seed=71), side, rng), 1 / 255, 0.14 / 255)
    dusk = inks.vivid(ambience(scene), 1.4) * 0.16  # what the night leaves of the mood
    wall = scaled(
        cv2.merge([plane + shade for plane, shade in zip(cv2.split(glow), dusk, strict=True)]),
        _bricks(side) * paint,
    )
    light = cv2.addWeighted(light, 1.0, glow, 0.30, 0)
    light += wall
    light = cv2.addWeighted(light, -1.7, scene.picture, -0.17, 0)
    return clipped(1 - cv2.exp(light))


def _gas(soft: Picture) -> tuple[list[Field], Field]:
    """The pure colour a tube would need, the picture's hue at full strength.

    Returns:
        Its three planes, each to be divided by the last field.
    """
    planes = cv2.split(soft)
    high = cv2.max(cv2.max(*planes[:2]), planes[2])
    low = cv2.min(cv2.min(*planes[:2]), planes[2]) * np.float32(0.85)
    return [plane - low for plane in planes], high - low + np.float32(0.02)


@lru_cache(maxsize=2)
def _bricks(side: int) -> Array:
    """What a brick wall returns of light, uint8 (S, S): its mortar is darker."""
    rows = 26
    y = (np.arange(side, dtype=np.float32) + 0.5) * np.float32(rows / side)
    x = y[None, :] * 0.42 + (np.floor(y) % 2 * 0.5)[:, None].astype(np.float32)
    joint_x = np.abs(x - np.rint(x)) * 2.4
    joint_y = np.abs(y - np.rint(y))[:, None]
    mortar = np.clip((np.minimum(joint_x, joint_y) - 0.04) * 14, 0, 1)
    return (36 + 48 * mortar).astype(np.uint8)
