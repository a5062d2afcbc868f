"""The place painted: hazed with distance, its lamps shining."""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing import shapes
from songdalle_core.finishing.enlarging import Box, Placement, Sprite, draw, warp
from songdalle_core.finishing.grounds import Ground
from songdalle_core.finishing.look import LAMP
from songdalle_core.finishing.scene import Floats
from songdalle_core.finishing.stage import Stage

FULL = Placement(0.5, 0.5, 1.0)
_FAR = 0.85  # depth at the horizon; the sky's is 1


def paint_place(stage: Stage, placement: Placement = FULL) -> None:
    """Paint the stage's ground, its square placed so."""
    ground, canvas = stage.ground, stage.canvas
    if ground is None:
        raise ValueError("there is no place to paint")
    sprite = draw(ground.drawing, placement, canvas.side)
    if sprite.box.empty:
        return
    depth = _depth(ground, placement, sprite, canvas.side)
    if not ground.indoors and not ground.abstract:
        _haze(stage, ground, placement, sprite)
    canvas.add_ground(sprite, depth)
    if ground.lamps.any() and stage.look.light.lamps:
        _shine_lamps(stage, ground, placement)


def horizon_of(ground: Ground | None, placement: Placement = FULL, default: float = 0.7) -> float:
    """Where the sky ends on the cover."""
    return default if ground is None else _level(ground.horizon, placement)


def floor_of(ground: Ground | None, placement: Placement = FULL, default: float = 0.86) -> float:
    """Where feet stand on the cover."""
    return default if ground is None else _level(ground.floor, placement)


def _level(height: float, placement: Placement) -> float:
    return placement.y + (height - 0.5) * placement.size


def _depth(ground: Ground, placement: Placement, sprite: Sprite, side: int) -> Floats:
    """How far each row is: 0 at the bottom to `_FAR` at the horizon and above, (h, 1)."""
    rows = (np.arange(sprite.box.top, sprite.box.bottom, dtype=np.float32) + 0.5) / side
    horizon, bottom = _level(ground.horizon, placement), _level(1.0, placement)
    if ground.indoors or ground.abstract:
        return np.full((len(rows), 1), 0.5, np.float32)
    t = np.clip((bottom - rows) / max(bottom - horizon, 0.05), 0, 1)
    return np.asarray(_FAR * t, dtype=np.float32)[:, None]


def _haze(stage: Stage, ground: Ground, placement: Placement, sprite: Sprite) -> None:
    """Aerial perspective: the horizon's colour over what is far, thinner the higher it stands."""
    rows = (np.arange(sprite.box.top, sprite.box.bottom, dtype=np.float32) + 0.5) / stage.side
    horizon, bottom = _level(ground.horizon, placement), _level(1.0, placement)
    below = np.clip((bottom - rows) / max(bottom - horizon, 0.05), 0, 1) ** 3
    above = np.exp(np.minimum(rows - horizon, 0) / np.float32(0.16))
    haze = stage.look.light.haze * min(
        1.0, stage.look.grade.contrast**2
    )  # pale moods are hazy enough
    amount = (np.float32(haze) * below * above)[:, None].astype(np.float32)
    for plane, value in zip(sprite.colours, stage.look.horizon, strict=True):
        plane += amount * (value - plane)


def _shine_lamps(stage: Stage, ground: Ground, placement: Placement) -> None:
    """Bloom round lit windows: their own light, blurred and added."""
    level = ground.drawing.level(1)
    lit = np.zeros(level[0].shape[:2], np.uint8)
    for number in np.nonzero(ground.lamps)[0] + 1:  # map 0 is the ink
        lit |= level[number // 4][..., number % 4]
    lit = np.minimum(lit, ground.drawing.ink(1))
    cells = shapes.LATTICE
    small = warp(lit, placement, cells, Box(0, 0, cells, cells))
    bloom = small.astype(np.float32) / 255
    near, wide = (cv2.GaussianBlur(bloom, (0, 0), sigma) for sigma in (1.4, 4.5))
    light = shapes.enlarged(np.asarray(0.3 * near + 0.55 * wide, dtype=np.float32), stage.side)
    stage.canvas.shine(LAMP, light)
