"""Surfaces: papers and canvas as sheets of relief, lit from the upper left.

Each is a `Sheet` of light about 128: cut a piece, `spread` it about 1, and multiply.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from songdalle_core.finishing.styles.noise import Sheet, as_sheet, drawn, sheet_side
from songdalle_core.finishing.styles.tone import Field, relief, shrunk


@lru_cache(maxsize=4)
def cartridge(side: int) -> Sheet:
    """Smooth drawing paper: a fine even tooth and a few soft fibres."""
    large = sheet_side(side)
    height = drawn(420, large, 11) + 0.7 * drawn(840, large, 12) + 0.25 * _fibres(large, 13)
    return as_sheet(relief(height, 1.0), fade=min(1.0, side / 500))


@lru_cache(maxsize=4)
def cold_pressed(side: int) -> tuple[Sheet, Sheet]:
    """Watercolour paper with the felt's rounded bumps: its light, and its hollows, where pigment settles."""
    large = sheet_side(side)
    bumps = np.tanh(drawn(130, large, 41)) + 0.5 * drawn(260, large, 42)
    bumps += 0.18 * drawn(700, large, 43)
    return as_sheet(relief(bumps, 1.0)), as_sheet(-bumps)


@lru_cache(maxsize=4)
def canvas(side: int) -> Sheet:
    """Linen in plain weave, 150 threads across the picture, no two neighbours of the same thickness."""
    large = sheet_side(side)
    threads, repeats = 34, 5
    # Threads are a few pixels wide: drawn finer, then averaged, they do not alias.
    fine = -(-max(large, 1024) // repeats)
    place = (np.arange(fine, dtype=np.float32) + 0.5) * np.float32(threads / fine)
    thread = np.floor(place).astype(np.intp)
    thick = np.random.default_rng(21).uniform(0.75, 1.15, threads).astype(np.float32)
    round_ = np.abs(np.sin(np.pi * place)) * thick[thread]
    over = (thread[None, :] + thread[:, None]) % 2  # which thread lies on top
    tile = np.maximum(round_[:, None] * (0.6 + 0.4 * over), round_[None, :] * (1 - 0.4 * over))
    height = np.tile(tile.astype(np.float32), (repeats, repeats))
    height = shrunk(height, large)
    return as_sheet(relief(height + 0.12 * drawn(300, large, 22), 1.0))


@lru_cache(maxsize=4)
def pulp(side: int) -> Sheet:
    """Cheap uncoated stock and card: cloudy, with visible fibres; tone rather than relief."""
    large = sheet_side(side)
    cloud = drawn(9, large, 31) * 0.5 + drawn(70, large, 32) * 0.4 + drawn(500, large, 33) * 0.7
    return as_sheet(cloud + 0.9 * _fibres(large, 34))


def _fibres(side: int, seed: int) -> Field:
    """Some thousand curled fibres, light and dark, softly drawn: float32 (side, side) about 0."""
    rng = np.random.default_rng(seed)
    image = np.full((side, side), 128, np.uint8)
    starts, angles = rng.random((1500, 2)), rng.uniform(0, 2 * np.pi, 1500)
    curls, shades = rng.normal(0, 0.35, 1500), rng.uniform(-110, 110, 1500)
    for start, angle, curl, shade in zip(starts, angles, curls, shades, strict=True):
        turn = angle + curl * np.arange(6)
        steps = np.stack([np.cos(turn), np.sin(turn)], 1).cumsum(0) * 0.004
        points = np.rint((start + steps) * side * 16).astype(np.int32)
        width = max(1, round(side / 1100))
        cv2.polylines(image, [points], False, int(128 + shade), width, cv2.LINE_AA, 4)
    return (image.astype(np.float32) - 128) * np.float32(1 / 40)
