"""Plain shapes as coverage masks, antialiased; lengths in sides of the cover."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import pi

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.enlarging import Box
from songdalle_core.finishing.scene import Floats

Points = npt.NDArray[np.float64]
_SHIFT = 8  # bits of a pixel's fraction
_ROUND = 240  # corners of a disc
LATTICE = 128  # cells a side of everything soft: the same at every size


@lru_cache(maxsize=8)
def lattice() -> tuple[Floats, Floats]:
    """x and y of the soft lattice's cells, (128, 128) each, in sides."""
    line = (np.arange(LATTICE, dtype=np.float32) + 0.5) / LATTICE
    x, y = np.meshgrid(line, line)
    return x.astype(np.float32), y.astype(np.float32)


def enlarged(map_: Floats, side: int) -> Floats:
    """A soft map of the lattice at the cover's size."""
    sized = cv2.resize(map_, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(sized, dtype=np.float32)


def polygons(outlines: Sequence[Points], side: int) -> tuple[Box, Floats]:
    """The union of outlines, (N, 2) each: the pixels it may touch, and its coverage of them."""
    everything = np.concatenate(outlines) * side
    low = np.clip(np.floor(everything.min(axis=0)) - 1, 0, side).astype(int)
    high = np.clip(np.ceil(everything.max(axis=0)) + 1, 0, side).astype(int)
    box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    if box.empty:
        return Box(0, 0, 0, 0), np.zeros((0, 0), np.float32)
    mask = np.zeros(box.shape, np.uint8)
    for outline in outlines:
        corners = (outline * side - 0.5 - low) * (1 << _SHIFT)
        whole = np.rint(corners).astype(np.int32)
        cv2.fillPoly(mask, [whole], (255,), cv2.LINE_AA, _SHIFT)
    return box, mask.astype(np.float32) * np.float32(1 / 255)


def disc(x: float, y: float, radius: float) -> Points:
    """The outline of a disc."""
    return ellipse(x, y, radius, radius)


def ellipse(x: float, y: float, rx: float, ry: float, corners: int = _ROUND) -> Points:
    """The outline of an upright ellipse."""
    return _circle(corners) * (rx, ry) + (x, y)


def dots(centres: Points, radii: Points, corners: int = 16) -> list[Points]:
    """The outlines of many small discs: centres (N, 2), radii (N,)."""
    return list(_circle(corners)[None] * radii[:, None, None] + centres[:, None])


@lru_cache(maxsize=16)
def _circle(corners: int) -> Points:
    angles = np.linspace(0, 2 * pi, corners, endpoint=False)
    return np.column_stack([np.cos(angles), np.sin(angles)])


def rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    """The outline of an upright rectangle."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)


def arch(x: float, top: float, width: float, bottom: float) -> Points:
    """The outline of a round arch about `x`."""
    angles = np.linspace(pi, 2 * pi, _ROUND // 2)
    radius = width / 2
    crown = np.column_stack([x + radius * np.cos(angles), top + radius + radius * np.sin(angles)])
    return np.concatenate([crown, [(x + radius, bottom), (x - radius, bottom)]])


def rays(x: float, y: float, count: int, turn: float, share: float = 0.5) -> list[Points]:
    """Wedges from a point to beyond the cover's corners, `share` of the turn each."""
    outlines = []
    step = 2 * pi / count
    for ray in range(count):
        angles = turn + step * (ray + np.array([0.0, share]))
        tips = [(x + 2.2 * np.cos(angle), y + 2.2 * np.sin(angle)) for angle in angles]
        outlines.append(np.array([(x, y), *tips]))
    return outlines
