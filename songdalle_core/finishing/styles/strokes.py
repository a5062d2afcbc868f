"""Brush strokes laid out once a resolution, to be coloured for every picture.

Drawing some ten thousand strokes takes far longer than a cover may. So their places are chosen once: a
`Layer` covers a square tile with strokes of one brush in one direction and keeps, for each pixel, the
stroke on top and the relief of its paint. A picture then only decides which strokes it takes and in which
colour.

Tiles are drawn on a torus and repeated across the picture: a stroke that crosses a tile's border is known
on either side as itself, so that no seam shows. All sizes are in units of the picture's side, so every
resolution has the same strokes, with the finer bristles it can show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from songdalle_core.finishing.styles.noise import lattice
from songdalle_core.finishing.styles.tone import Array, Field

Ids = NDArray[np.uint16]
MAP = 128
"""Cells a side of the maps in which strokes look up what to do."""


@dataclass(frozen=True)
class Brush:
    """Strokes of one kind.

    Attributes:
        width, length: of a stroke, in sides of the picture.
        tiles: how often the layout repeats along each side.
        angle: of the strokes, in radians from the x axis, clockwise as y points down.
        spread: deviation of their angles, in radians.
        cover: area of all strokes over the area they lie on.
    """

    width: float
    length: float
    tiles: int
    angle: float
    spread: float = 0.16
    cover: float = 3.2


@dataclass(frozen=True, eq=False)
class Layer:
    """One brush's strokes over one tile, T = ceil(side / tiles) pixels a side.

    Attributes:
        brush: whose strokes.
        ids: uint16 (T, T): the stroke on top; 0 where the brush left the ground bare.
        pixels: int32 (T, T): the same times 256, plus the relief of the paint, 0 to 255.
        places: int (tiles, tiles, n + 1): where each stroke of each tile has its middle in a flat map of
            `MAP` x `MAP` cells over the picture.
        twins: int (n + 1,): the same number for a stroke and for its images across the tile's borders.
    """

    brush: Brush
    ids: Ids
    pixels: NDArray[np.int32]
    places: NDArray[np.intp]
    twins: NDArray[np.intp]

    def windows(self, side: int) -> Iterator[tuple[int, int, slice, slice]]:
        """Each tile's row and column and the pixels of the picture it covers."""
        tiles = self.brush.tiles
        edges = [round(tile * side / tiles) for tile in range(tiles + 1)]
        spans = [slice(start, stop) for start, stop in pairwise(edges)]
        for row, rows in enumerate(spans):
            for column, columns in enumerate(spans):
                yield row, column, rows, columns


@lru_cache(maxsize=32)
def layer(brush: Brush, side: int, seed: int) -> Layer:
    """The layout of one brush for pictures of `side` pixels."""
    strokes = _scatter(brush, np.random.default_rng((seed, brush.tiles)))
    ids = _topmost(brush, strokes, -(-side // brush.tiles), side)
    height, bare = _bristles(brush, strokes, ids, side, seed)
    ids[bare] = 0
    pixels = (ids.astype(np.int32) << 8) + height
    return Layer(brush, ids, pixels, _places(brush, strokes), strokes.twins)


@dataclass(frozen=True)
class _Strokes:
    """Strokes in the order in which they are laid; the first stands for bare ground."""

    centres: Field  # (n + 1, 2)
    angles: Field  # (n + 1,)
    bends: Field  # (n + 1,): how far the middle bulges, in half widths
    twins: NDArray[np.intp]  # (n + 1,)


def _scatter(brush: Brush, rng: np.random.Generator) -> _Strokes:
    """Strokes over a torus, with their images where they reach across its borders."""
    tile = 1 / brush.tiles
    rows = round((brush.cover * tile * tile / (brush.width * brush.length)) ** 0.5)
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(rows)), -1).reshape(-1, 2)
    centres = (grid + rng.random(grid.shape)) * (tile / rows)
    angles = brush.angle + rng.normal(0, brush.spread, len(grid))
    bends = rng.normal(0, 0.45, len(grid))
    order = rng.permutation(len(grid))

    shifts = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), -1).reshape(-1, 2) * tile
    images = (centres[order, None] + shifts).reshape(-1, 2)
    twins = order.repeat(len(shifts))
    reach = brush.length / 2 + brush.width
    near = ((images > -reach) & (images < tile + reach)).all(1)
    images, twins = images[near], twins[near]
    return _Strokes(
        np.vstack([[[0, 0]], images]).astype(np.float32),
        np.append(0, angles[twins]).astype(np.float32),
        np.append(0, bends[twins]).astype(np.float32),
        np.append(0, twins),
    )


def _places(brush: Brush, strokes: _Strokes) -> NDArray[np.intp]:
    """Each stroke's cell in a flat map, int (tiles, tiles, n + 1); beyond the picture, the nearest within."""
    steps = np.arange(brush.tiles, dtype=np.float32) / brush.tiles
    row = np.clip((steps[:, None] + strokes.centres[:, 1]) * MAP, 0, MAP - 1).astype(np.intp)
    column = np.clip((steps[:, None] + strokes.centres[:, 0]) * MAP, 0, MAP - 1).astype(np.intp)
    return row[:, None] * MAP + column[None]


def _topmost(brush: Brush, strokes: _Strokes, pixels: int, side: int) -> Ids:
    """Paint each stroke's outline with its number, one over the other."""
    ids = np.zeros((pixels, pixels), np.uint16)
    along = np.linspace(-1, 1, 9)
    cos, sin = np.cos(strokes.angles)[:, None], np.sin(strokes.angles)[:, None]
    bulge = strokes.bends[:, None] * (0.5 - along**2)
    edges = []
    for border in (-1, 1):
        u, v = along * brush.length / 2, (border + bulge) * brush.width / 2
        edges.append(np.stack([u * cos - v * sin, u * sin + v * cos], -1))
    outlines = np.concatenate([edges[0], edges[1][:, ::-1]], 1) + strokes.centres[:, None]
    points = np.rint((outlines * side - 0.5) * 16).astype(np.int32)
    for number in range(1, len(points)):
        cv2.fillPoly(ids, [points[number]], number, cv2.LINE_8, 4)
    return ids


def _bristles(
    brush: Brush, strokes: _Strokes, ids: Ids, side: int, seed: int
) -> tuple[Array, NDArray[np.bool_]]:
    """Relief of the paint, uint8 (T, T), and where the bristles left none, bool (T, T)."""
    u, v, luck = _within(brush, strokes, ids, side)
    texture = lattice(256, seed)
    comb = np.zeros_like(u)
    hairs, weight = 2.5, 1.0
    while hairs <= brush.width * side / 2:  # finer hairs would be narrower than pixels
        x, y = u * np.float32(1.2) + luck, v * np.float32(hairs) + luck
        hair = cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        comb += hair * np.float32(weight)
        hairs, weight = hairs * 2, weight * 0.72
    end, flank = 1 - np.abs(u), 1 - np.abs(v)
    bare = (end * 3.2 < 0.35 - 0.45 * comb) | (flank * 5 < 0.15 - 0.4 * comb)
    ridge = cv2.exp((flank - 0.16) ** 2 * -60)  # paint pressed out to the sides
    height = 0.42 + 0.13 * comb + 0.22 * ridge - 0.1 * u
    return cv2.convertScaleAbs(np.maximum(height, 0), alpha=255.0), bare


def _within(brush: Brush, strokes: _Strokes, ids: Ids, side: int) -> tuple[Array, Array, Array]:
    """Each pixel's place along and across its stroke, -1 to 1, and the stroke's own place in the noise."""
    steps = (np.arange(len(ids), dtype=np.float32) + 0.5) / np.float32(side)
    x = steps[None, :] - strokes.centres[:, 0].take(ids)
    y = steps[:, None] - strokes.centres[:, 1].take(ids)
    cos, sin = np.cos(strokes.angles).take(ids), np.sin(strokes.angles).take(ids)
    u = (x * cos + y * sin) * np.float32(2 / brush.length)
    v = (y * cos - x * sin) * np.float32(2 / brush.width)
    v -= strokes.bends.take(ids) * (0.5 - u * u)
    luck = (strokes.twins * 7.31 % 200 + 20).astype(np.float32)
    return u, v, luck.take(ids)
