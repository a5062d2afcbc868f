"""Drawings at their final place and size, crisp: one resampling from the traced maps to the cover.

Where two regions' memberships cross there is the edge; the running soft maximum makes it one output pixel
wide at any size, which is what an antialiased vector outline looks like. (Compare Green 2007, "Improved
alpha-tested magnification", which draws glyphs from a small map in the same way.)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.drawing import COARSEST, Drawing
from songdalle_core.finishing.scene import Floats

Map = TypeVar("Map", npt.NDArray[np.uint8], npt.NDArray[np.float32])
_SHARPEST_MIX = 1.05  # gains below this mix memberships as they are: maps finer than the output
_COARSEST = 0.8  # a level of the pyramid serves outputs up to this much larger
_CELL_STEPS = 0.4  # of a soft map's cell: the lattice it is sampled on
_FACETED = (
    2.2  # enlarged more than this, a map's edges would show the straight lines between its pixels
)


@dataclass(frozen=True)
class Placement:
    """Where the square of a layer comes to lie; lengths in sides of the cover.

    Attributes:
        x, y: its centre, from the left and from the top.
        size: its side.
        tilt: degrees, clockwise.
        mirrored: left and right swapped.
    """

    x: float
    y: float
    size: float
    tilt: float = 0.0
    mirrored: bool = False

    def matrix(self, source: int, side: int) -> npt.NDArray[np.float64]:
        """(2, 3): pixels of a square of `source` pixels to pixels of the cover."""
        scale = self.size * side / source
        c, s = cos(radians(self.tilt)) * scale, sin(radians(self.tilt)) * scale
        flip = -1.0 if self.mirrored else 1.0
        centre = (source - 1) / 2  # pixel centres are at whole numbers
        x, y = self.x * side - 0.5, self.y * side - 0.5
        return np.array(
            [
                (c * flip, -s, x - (c * flip - s) * centre),
                (s * flip, c, y - (s * flip + c) * centre),
            ]
        )

    @property
    def fills(self) -> bool:
        """Whether it is just the cover."""
        return (self.x, self.y, self.size, self.tilt) == (0.5, 0.5, 1.0, 0.0)

    def moved(self, dx: float, dy: float) -> Placement:
        """The same, elsewhere."""
        return Placement(self.x + dx, self.y + dy, self.size, self.tilt, self.mirrored)

    def scaled(self, factor: float) -> Placement:
        """The same, larger, about its own centre."""
        return Placement(self.x, self.y, self.size * factor, self.tilt, self.mirrored)


@dataclass(frozen=True)
class Box:
    """Whole pixels of the cover: columns left to right, rows top to bottom."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return max(0, self.bottom - self.top), max(0, self.right - self.left)

    def shared(self, other: Box) -> Box:
        """The pixels that both have."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    @property
    def empty(self) -> bool:
        """Whether nothing of it is on the cover."""
        return 0 in self.shape


@dataclass
class Sprite:
    """A drawing on its way to the canvas: colours (3, h, w) and ink (h, w) of a box."""

    box: Box
    colours: Floats
    ink: Floats


def box_of(placement: Placement, side: int, part: npt.ArrayLike = (0.0, 0.0, 1.0, 1.0)) -> Box:
    """The pixels that a part (left, top, right, bottom in [0, 1]) of a placed square covers."""
    return boxes_of(placement, side, np.asarray(part, dtype=np.float64)[None])[0]


def boxes_of(placement: Placement, side: int, parts: npt.NDArray[np.floating]) -> list[Box]:
    """The same of many parts, (N, 4)."""
    corners = parts[:, [[0, 1], [2, 1], [0, 3], [2, 3]]] - 0.5  # (N, 4, 2)
    linear = placement.matrix(1, side)[:, :2]
    points = corners @ linear.T + np.array([placement.x, placement.y]) * side
    low = np.clip(np.floor(points.min(axis=1)) - 1, 0, side).astype(int)
    high = np.clip(np.ceil(points.max(axis=1)) + 1, 0, side).astype(int)
    return [Box(*numbers) for numbers in np.concatenate([low, high], axis=1).tolist()]


def warp(map_: Map, placement: Placement, side: int, box: Box) -> Map:
    """The pixels `box` of a map (r, r) or (r, r, n) laid where its layer's square lies; 0 outside."""
    if placement.fills and box.shape == (side, side):  # the same as below, and several times faster
        whole = map_ if map_.shape[0] == side else cv2.resize(map_, (side, side))
        return np.asarray(cv2.flip(whole, 1) if placement.mirrored else whole, dtype=map_.dtype)
    matrix = placement.matrix(map_.shape[0], side)
    matrix[:, 2] -= (box.left, box.top)
    height, width = box.shape
    warped = cv2.warpAffine(map_, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(warped, dtype=map_.dtype)


def warp_colours(map_: Floats, placement: Placement, side: int, box: Box) -> list[Floats]:
    """The three planes of a soft map (r, r, 3) laid likewise, continued beyond its square.

    It is sampled on a lattice of `step` pixels, finer than its own cells, and enlarged from there.
    """
    height, width = box.shape
    step = max(1, int(_CELL_STEPS * placement.size * side / len(map_)))
    matrix = placement.matrix(len(map_), side)
    matrix[:, 2] -= (box.left + (step - 1) / 2, box.top + (step - 1) / 2)
    rows, columns = -(-height // step), -(-width // step)
    four: Floats = np.concatenate([map_, map_[..., :1]], axis=2)  # the faster number of channels
    small = cv2.warpAffine(
        four,
        matrix / step,
        (columns, rows),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    size = (columns * step, rows * step)
    return [
        np.asarray(cv2.resize(plane, size)[:height, :width], dtype=np.float32)
        for plane in cv2.split(small)[:3]
    ]


def draw_ink(
    drawing: Drawing, placement: Placement, side: int, box: Box | None = None
) -> tuple[Box, Floats]:
    """A drawing's shape: the pixels it may touch (or `box`), and its coverage of them."""
    box = box or box_of(placement, side, _reach(drawing))
    if box.empty:
        return box, np.zeros(box.shape, np.float32)
    level, gain = _level(drawing, placement, side)
    return box, _edge(
        warp(_rounded(drawing.ink(level), placement, side), placement, side, box), gain
    )


def draw(drawing: Drawing, placement: Placement, side: int) -> Sprite:
    """A drawing in its colours."""
    box = box_of(placement, side, _reach(drawing))
    if box.empty:
        return Sprite(box, np.zeros((3, *box.shape), np.float32), np.zeros(box.shape, np.float32))
    level, gain = _level(drawing, placement, side)
    maps: list[npt.NDArray[np.uint8]] = []
    for group in drawing.level(level):
        maps.extend(_planes(warp(_rounded(group, placement, side), placement, side, box)))
    if gain < _SHARPEST_MIX:
        colours = _mix(drawing, maps, placement, side, box)
    else:
        colours = _choose(drawing, maps, placement, side, box, gain)
    return Sprite(box, colours, _edge(maps[0], gain))


def _reach(drawing: Drawing) -> npt.NDArray[np.float64]:
    """The part of its square that a drawing's smoothed ink may touch."""
    edge = 2 / drawing.resolution
    left, top, right, bottom = drawing.frame
    return np.clip([left - edge, top - edge, right + edge, bottom + edge], 0, 1)


def _planes(map_: Map) -> list[Map]:
    """The channels of (h, w, n)."""
    return [np.asarray(plane, dtype=map_.dtype) for plane in cv2.split(map_)]


def _level(drawing: Drawing, placement: Placement, side: int) -> tuple[int, float]:
    """The coarsest level that is fine enough, and the gain that makes its edges one pixel wide."""
    target = placement.size * side
    levels = range(COARSEST + 1)
    fine = [n for n in levels if drawing.resolution >> n >= _COARSEST * target]
    steepness = drawing.slope * drawing.resolution / target  # change of a membership a pixel
    return max(fine, default=0), max(0.5, 0.5 / steepness)


def _rounded(map_: npt.NDArray[np.uint8], placement: Placement, side: int) -> npt.NDArray[np.uint8]:
    """A map for a large output: a finer one, smooth between its pixels as a B-spline is."""
    enlarged = placement.size * side / (_FACETED * len(map_))
    if enlarged <= 1:
        return map_
    finer = 2 if enlarged < 2 else 4
    size, reach = (len(map_) * finer,) * 2, (finer + 1,) * 2
    lines = cv2.resize(map_, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.blur(cv2.blur(lines, reach), reach), dtype=np.uint8)


def _edge(map_: npt.NDArray[np.uint8], gain: float) -> Floats:
    """Half a membership is the edge: a ramp one pixel wide through it, in [0, 1]."""
    steep = 2 * gain
    values = map_.astype(np.float32)
    values *= np.float32(steep / 255)
    values += np.float32(0.5 - 0.5 * steep)
    return np.clip(values, 0, 1, out=values)


def _mix(
    drawing: Drawing,
    maps: list[npt.NDArray[np.uint8]],
    placement: Placement,
    side: int,
    box: Box,
) -> Floats:
    """Colours weighted by their memberships."""
    out = np.zeros((3, *box.shape), np.float32)
    total = np.full(box.shape, 1e-3, np.float32)
    for k in range(len(drawing.colours)):
        share = maps[k + 1].astype(np.float32)
        total += share
        painted = _painted(drawing, k, placement, side, box)
        for channel in range(3):
            out[channel] += share * painted[channel]
    out /= total
    return out


def _choose(
    drawing: Drawing,
    maps: list[npt.NDArray[np.uint8]],
    placement: Placement,
    side: int,
    box: Box,
    gain: float,
) -> Floats:
    """The colour of the largest membership, changing over one pixel to the next: a running maximum."""
    out = np.empty((3, *box.shape), np.float32)
    for channel, value in enumerate(_painted(drawing, 0, placement, side, box)):
        out[channel] = value
    best = maps[1].copy()
    parts = boxes_of(placement, side, drawing.boxes)
    for k in range(1, len(drawing.colours)):
        part = box.shared(parts[k])
        if part.empty:
            continue
        rows = slice(part.top - box.top, part.bottom - box.top)
        columns = slice(part.left - box.left, part.right - box.left)
        mine, other = maps[k + 1][rows, columns], best[rows, columns]
        turn = cv2.addWeighted(mine, gain, other, -gain, 127.5).astype(np.float32)
        turn *= np.float32(1 / 255)
        change = np.empty_like(turn)
        for channel, value in enumerate(_painted(drawing, k, placement, side, part)):
            view = out[channel, rows, columns]
            np.subtract(value, view, out=change)
            change *= turn
            view += change
        np.maximum(other, mine, out=other)
    return out


def _painted(
    drawing: Drawing, k: int, placement: Placement, side: int, box: Box
) -> list[Floats] | Floats:
    """A region's colour: three numbers, or three planes if it has a gradient."""
    colour, gradient = drawing.colours[k], drawing.gradients[k]
    if gradient is None:
        return colour
    return warp_colours(gradient + colour, placement, side, box)
