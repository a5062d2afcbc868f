"""Noise of every grain, the same at every resolution.

A sheet of noise is a lattice of random numbers with a fixed number of cells across the picture, drawn
smoothly at the side asked for: more pixels show the same lumps, sharper. Octaves are added as in Perlin, "An
Image Synthesizer" (SIGGRAPH 1985). Sheets are kept as bytes, a little larger than the picture; each picture
cuts its own piece of one.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from songdalle_core.finishing.styles.tone import Array, Field, enlarged

Sheet = NDArray[np.uint8]
"""uint8 (M, M), M = `sheet_side(S)`: noise about 128, 42 a standard deviation."""
_SPARE = 8  # a sheet is 1/8 larger than the picture
_DEVIATION = 42.0


def sheet_side(side: int) -> int:
    """Pixels a side of a sheet from which a picture of `side` pixels is cut."""
    return side + -(-side // _SPARE)


def lattice(cells: int, seed: int) -> Field:
    """Standard normal numbers, float32 (cells, cells)."""
    return np.random.default_rng((seed, cells)).standard_normal((cells, cells), np.float32)


def drawn(cells: int, side: int, seed: int) -> Field:
    """A lattice `side` pixels a side: smooth between its cells, or their means where they are finer."""
    way = cv2.INTER_CUBIC if cells < side else cv2.INTER_AREA
    return cv2.resize(lattice(cells, seed), (side, side), interpolation=way)


def as_sheet(field: Array, fade: float = 1.0) -> Sheet:
    """A field as bytes, its mean at 128 and its deviation at 42, or `fade` of that."""
    mean, deviation = cv2.meanStdDev(field)
    scale = fade * _DEVIATION / max(float(deviation[0, 0]), 1e-6)
    return np.clip(field * scale + (128 - float(mean[0, 0]) * scale), 0, 255).astype(np.uint8)


@lru_cache(maxsize=24)
def noise(side: int, cells: int, octaves: int = 1, seed: int = 0) -> Sheet:
    """A sheet with `cells` lumps across the picture; each further octave halves their size and strength."""
    large = sheet_side(side)
    finest = cells << (octaves - 1)
    small = min(large, 5 * finest)  # enough to draw the finest octave smoothly
    total = np.zeros((small, small), np.float32)
    for octave in range(octaves):
        fine = (cells << octave) * (_SPARE + 1) // _SPARE
        total += drawn(fine, small, seed + octave) * np.float32(0.5**octave)
    fade = min(1.0, large / finest) ** 0.5  # grain finer than pixels shows less
    return enlarged(as_sheet(total, fade), large)


def cut(sheet: Sheet, side: int, rng: np.random.Generator) -> Sheet:
    """A piece of a sheet for one picture, from anywhere on it: a view, uint8 (side, side)."""
    spare = sheet.shape[0] - side
    top, left = (int(offset * spare) for offset in rng.random(2))
    return sheet[top : top + side, left : left + side]


def spread(sheet: Sheet, middle: float, deviation: float) -> Field:
    """A sheet as numbers about `middle` with this standard deviation."""
    steps = (np.arange(256, dtype=np.float32) - 128) * np.float32(deviation / _DEVIATION)
    return cv2.LUT(sheet, steps + np.float32(middle))
