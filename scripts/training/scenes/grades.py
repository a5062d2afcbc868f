"""How each mood looks: a palette for the whole picture, and a drawing of its own behind the subject.

Why these looks. Colour moves feeling mostly by saturation and brightness: bright colours please, saturated
ones arouse, dark ones dominate (Valdez & Mehrabian 1994, J. Exp. Psychol. General 123(4), 394-409). Across 30
nations people give yellow to joy, red to anger and love, grey and black to sadness and fear (Jonauskaite et
al. 2020, Psychological Science 31(10), 1245-1260). Angular, diagonal shapes are read as threat and round ones
as warmth (Aronoff, Woike & Hyman 1992, J. Personality and Social Psychology 62(6), 1050-1066).

- Sadness: unsaturated, dim, blue-grey, low in contrast, with long vertical veils that hang from the top.
- Power: saturated, very high in contrast, black and red, with rays that burst from behind the subject.
- Tension: dark, sickly green, hard in contrast, with black splinters that point at the subject.
- Joyful: bright, saturated, golden, with round confetti.
- Calmness: pale, low in contrast, mint and white, with soft level bands of mist.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from scripts.training.scenes.lights import RGB
from songdalle_core.moods import MOODS, Mood

Matrix = tuple[float, ...]
"""Twelve numbers, row by row: red, green and blue from red, green, blue and one."""
_LUMA = np.array([0.299, 0.587, 0.114])
_SUPERSAMPLING = 3
_SUBJECT_SHARE = 0.42  # of a mood's palette; more would hide the subject's own colours


@dataclass(frozen=True)
class Grade:
    """A palette: saturation, contrast round the middle grey, brightness, and a tint with its share."""

    saturation: float
    contrast: float
    brightness: float
    tint: RGB
    share: float

    def matrix(self, strength: float = 1.0) -> Matrix:
        """The palette as one affine map of colours; strength 0 changes nothing."""
        grey = np.outer(np.ones(3), _LUMA)
        linear = grey + (np.eye(3) - grey) * self.saturation
        offset = np.full(3, 128.0 * (1 - self.contrast))
        linear, offset = linear * self.contrast * self.brightness, offset * self.brightness
        linear = linear * (1 - self.share)
        offset = offset * (1 - self.share) + np.asarray(self.tint) * self.share
        linear = np.eye(3) * (1 - strength) + linear * strength
        return tuple(np.column_stack([linear, offset * strength]).ravel().tolist())


GRADES: dict[Mood, Grade] = {
    "Sadness": Grade(0.30, 0.75, 0.80, (62, 86, 140), 0.34),
    "Power": Grade(1.10, 1.50, 0.78, (214, 10, 8), 0.34),
    "Tension": Grade(0.45, 1.35, 0.70, (74, 104, 20), 0.30),
    "Joyful": Grade(1.40, 1.00, 1.08, (255, 214, 64), 0.24),
    "Calmness": Grade(0.60, 0.58, 1.12, (202, 240, 230), 0.36),
}
assert tuple(GRADES) == MOODS


@lru_cache(maxsize=64)
def palette(mood: Mood | None, subject: bool, light: tuple[float, float, float]) -> Matrix:
    """The affine map of a mood over a light's factors, for the backdrop or the subject."""
    if mood is None:
        base: Matrix = (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)
    else:
        base = GRADES[mood].matrix(_SUBJECT_SHARE if subject else 1.0)
    rows = np.asarray(base).reshape(3, 4) * [*light, 1.0]
    return tuple(rows.ravel().tolist())


def adorn(image: Image.Image, mood: Mood) -> None:
    """Lay the drawing of a mood over an RGB picture in place."""
    layer, mask = _layer(mood, image.width)
    image.paste(layer, (0, 0), mask)


@lru_cache(maxsize=16)
def _layer(mood: Mood, size: int) -> tuple[Image.Image, Image.Image]:
    side = size * _SUPERSAMPLING
    colour, blur = _INKS[mood]
    layer = Image.new("RGBA", (side, side), (*colour, 0))
    _DRAWINGS[mood](ImageDraw.Draw(layer), side / 128)
    if blur:
        layer = layer.filter(ImageFilter.GaussianBlur(blur * side / 128))
    layer = layer.resize((size, size), Image.Resampling.BOX)
    return layer.convert("RGB"), layer.getchannel("A")


def _veils(draw: ImageDraw.ImageDraw, unit: float) -> None:
    for column, length in enumerate((112, 64, 96, 48, 48, 96, 64, 112)):
        box = [(16 * column + 3) * unit, -8 * unit, (16 * column + 13) * unit, length * unit]
        draw.rectangle(box, fill=(30, 44, 84, 120))


def _rays(draw: ImageDraw.ImageDraw, unit: float) -> None:
    x, y, far = 64, 68, 128
    for ray in range(12):
        a, b = (math.radians(30 * ray + d) for d in (-7, 7))
        corners = [(x, y)] + [(x + far * math.cos(t), y + far * math.sin(t)) for t in (a, b)]
        draw.polygon([(px * unit, py * unit) for px, py in corners], fill=(255, 60, 20, 120))
    for ray in range(12):
        a, b = (math.radians(30 * ray + 15 + d) for d in (-5, 5))
        corners = [(x, y)] + [(x + far * math.cos(t), y + far * math.sin(t)) for t in (a, b)]
        draw.polygon([(px * unit, py * unit) for px, py in corners], fill=(16, 0, 4, 150))


def _splinters(draw: ImageDraw.ImageDraw, unit: float) -> None:
    for x, y, dx, dy, tip in (
        (-8, -8, 34, 0, (56, 40)), (48, -8, 20, 0, (40, 26)), (100, -8, 36, 0, (80, 44)),
        (-8, 40, 0, 22, (34, 62)), (136, 48, 0, 24, (98, 70)), (-8, 100, 0, 36, (44, 96)),
        (136, 96, 0, 40, (86, 100)), (40, 136, 22, 0, (58, 112)),
    ):  # fmt: skip
        corners = [(x, y), (x + dx, y + dy), tip]
        draw.polygon([(px * unit, py * unit) for px, py in corners], fill=(6, 12, 4, 225))


def _confetti(draw: ImageDraw.ImageDraw, unit: float) -> None:
    colours = ((255, 92, 120), (255, 255, 255), (64, 200, 240), (255, 170, 40), (120, 214, 90))
    for row in range(8):
        for column in range(8):
            number = 3 * row + 2 * column
            if number % 4 in (1, 2):
                continue
            x, y, r = 16 * column + 8, 16 * row + 8, (4.5, 3.0)[(row + column) % 2]
            box = [(x - r) * unit, (y - r) * unit, (x + r) * unit, (y + r) * unit]
            draw.ellipse(box, fill=(*colours[number % 5], 235))


def _mist(draw: ImageDraw.ImageDraw, unit: float) -> None:
    for row in range(4):
        y = 32 * row + 16
        draw.rectangle([0, (y - 7) * unit, 128 * unit, (y + 7) * unit], fill=(240, 252, 250, 115))


_INKS: dict[Mood, tuple[RGB, float]] = {  # colour of the clear parts, blur in 128ths
    "Sadness": ((30, 44, 84), 2.5),
    "Power": ((40, 0, 0), 0.0),
    "Tension": ((6, 12, 4), 0.0),
    "Joyful": ((255, 255, 255), 0.0),
    "Calmness": ((240, 252, 250), 4.0),
}
_DRAWINGS: dict[Mood, Callable[[ImageDraw.ImageDraw, float], None]] = {
    "Sadness": _veils,
    "Power": _rays,
    "Tension": _splinters,
    "Joyful": _confetti,
    "Calmness": _mist,
}
