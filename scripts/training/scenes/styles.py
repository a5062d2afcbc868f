"""Styles: what a finished picture is made of, from brush strokes to pixels.

Every texture repeats with the grid of 16 (128ths of the side) and is low in amplitude, so that a style adds
few codes to what the image model has to learn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

_PAPER = (250, 246, 236)
_BRISTLE = 6.0  # standard deviation in levels of 255
_Texture = np.ndarray  # int16 (S, S, 1): what is added to each pixel


def apply_style(image: Image.Image, style: str) -> np.ndarray:
    """An RGB picture, square, in one of `STYLES`, as uint8 (S, S, 3)."""
    return _TREATMENTS[style](image)


def _picture(image: Image.Image) -> np.ndarray:
    return np.asarray(image)


def _painting(image: Image.Image) -> np.ndarray:
    soft = image.filter(ImageFilter.BoxBlur(image.width / 192))
    rich = soft.convert(
        "RGB", (1.06, -0.02, -0.02, 2, -0.02, 1.05, -0.02, 0, -0.03, -0.02, 1.03, -2)
    )
    return _added(np.asarray(rich), _bristles(image.width))


def _watercolour(image: Image.Image) -> np.ndarray:
    wet = image.filter(ImageFilter.GaussianBlur(image.width / 128))
    washed = wet.convert(
        "RGB", (0.74, -0.06, -0.04, 92, -0.06, 0.74, -0.04, 90, -0.06, -0.06, 0.76, 86)
    )
    paper, mask, grain = _sheet(image.width)
    washed.paste(paper, (0, 0), mask)
    return _added(np.asarray(washed), grain)


def _album_art(image: Image.Image) -> np.ndarray:
    faded = image.convert("RGB", (0.94, 0.05, 0.0, 4, 0.02, 0.92, 0.0, 4, 0.0, 0.06, 0.84, 14))
    frame, mask, grain = _frame(image.width)
    faded.paste(frame, (0, 0), mask)
    return _added(np.asarray(faded), grain)


def _pencil_sketch(image: Image.Image) -> np.ndarray:
    reach = max(1, image.width // 128)
    grey = np.asarray(image.convert("L").filter(ImageFilter.BoxBlur(reach / 2)), dtype=np.int16)
    lines = np.zeros_like(grey)
    lines[:, reach:-reach] += np.abs(grey[:, 2 * reach :] - grey[:, : -2 * reach])
    lines[reach:-reach] += np.abs(grey[2 * reach :] - grey[: -2 * reach])
    shade = np.clip(190 - grey, 0, 130) * _hatching(image.width) >> 4
    ink = 242 - np.minimum(lines * 3 // 2, 150) - shade
    ink = np.clip(ink, 34, 242)[..., None] * np.array([256, 252, 242], dtype=np.int32) >> 8
    return np.asarray(ink, dtype=np.uint8)


def _pixel_art(image: Image.Image) -> np.ndarray:
    small = image.reduce(image.width // 32).convert("RGB", _vivid(1.2))
    few = small.point(_levels(6))
    return np.asarray(few.resize(image.size, Image.Resampling.NEAREST))


def _poster(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB", _vivid(1.3)).point(_levels(5)))


_TREATMENTS: dict[str, Callable[[Image.Image], np.ndarray]] = {
    "painting": _painting,
    "watercolour": _watercolour,
    "picture": _picture,
    "album art": _album_art,
    "pencil sketch": _pencil_sketch,
    "pixel art": _pixel_art,
    "poster": _poster,
}
STYLES = tuple(_TREATMENTS)


def _added(pixels: np.ndarray, texture: _Texture) -> np.ndarray:
    return np.clip(pixels + texture, 0, 255).astype(np.uint8)


def _vivid(saturation: float) -> tuple[float, ...]:
    grey = np.outer(np.ones(3), [0.299, 0.587, 0.114])
    matrix = grey + (np.eye(3) - grey) * saturation
    return tuple(np.column_stack([matrix, np.zeros(3)]).ravel().tolist())


@lru_cache(maxsize=8)
def _levels(count: int) -> list[int]:
    steps = np.rint(np.arange(256) / 255 * (count - 1)) * 255 / (count - 1)
    return [int(v) for v in steps] * 3


def _cells(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Each pixel's place in its cell of 16 units, in units."""
    y, x = np.mgrid[0:size, 0:size] * 128 // size
    return x % 16, y % 16


@lru_cache(maxsize=4)
def _bristles(size: int) -> _Texture:
    """The marks of a brush drawn from lower left to upper right, the same in every cell."""
    noise = np.random.default_rng(5).normal(size=(16, 16))
    smeared = np.sum([np.roll(noise, (-k, k), axis=(0, 1)) for k in range(7)], axis=0)
    thick = smeared + np.roll(smeared, 1, axis=1)
    columns, rows = _cells(size)
    marks = (thick / thick.std() * _BRISTLE)[rows, columns]
    return np.rint(marks).astype(np.int16)[..., None]


@lru_cache(maxsize=4)
def _sheet(size: int) -> tuple[Image.Image, Image.Image, _Texture]:
    """Paper, where it stays white (round the edge), and its grain."""
    unit = size / 128
    edge = Image.new("L", (size, size), 255)
    draw = ImageDraw.Draw(edge)
    for h, v in ((5, 8), (8, 4), (4, 10)):  # three washes that do not quite meet
        box = [h * unit, v * unit, (128 - v) * unit, (128 - h) * unit]
        draw.rounded_rectangle(box, radius=14 * unit, fill=0)
    mask = edge.filter(ImageFilter.GaussianBlur(2.5 * unit))
    x, y = _cells(size)
    grain = 3 * np.sin(2 * np.pi * x / 8) * np.sin(2 * np.pi * y / 8)
    return Image.new("RGB", (size, size), _PAPER), mask, grain.astype(np.int16)[..., None]


@lru_cache(maxsize=4)
def _frame(size: int) -> tuple[Image.Image, Image.Image, _Texture]:
    """A printed frame, where it lies, and grain with darker corners."""
    unit = size / 128
    frame, mask = Image.new("RGB", (size, size), (24, 22, 26)), Image.new("L", (size, size), 255)
    ImageDraw.Draw(frame).rectangle(
        [5 * unit, 5 * unit, 123 * unit - 1, 123 * unit - 1], (240, 228, 200)
    )
    ImageDraw.Draw(mask).rectangle([8 * unit, 8 * unit, 120 * unit - 1, 120 * unit - 1], 0)
    x, y = _cells(size)
    grain = np.where((x * 7 + y * 13 + x * y) % 5 < 2, 5, -3)
    rows, columns = np.mgrid[0:size, 0:size] / size - 0.5
    corners = -60 * np.clip(np.hypot(rows, columns) - 0.45, 0, 1)
    inside = np.asarray(mask) == 0
    return frame, mask, np.where(inside, grain + corners, 0).astype(np.int16)[..., None]


@lru_cache(maxsize=4)
def _hatching(size: int) -> np.ndarray:
    """How much of the shade each pixel shows, in sixteenths (S, S): diagonal strokes."""
    x, y = _cells(size)
    return np.array([14, 6, 2, 6], dtype=np.int16)[(x + y) % 4]
