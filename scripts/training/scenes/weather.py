"""Weathers, laid over the backdrop and behind the subject, whose look stays the same in all of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

from scripts.training.scenes.backdrops import WINDOW_PANES

WEATHERS = ("clear", "rain", "snow", "fog", "wind", "fireworks", "petals")
_SUPERSAMPLING = 3


def fall(image: Image.Image, weather: str, phase: int, through_window: bool = False) -> None:
    """Lay a weather over an RGB picture in place.

    Args:
        image: square RGB.
        weather: one of `WEATHERS`.
        phase: which of the two patterns, 0 or 1.
        through_window: show it only in the panes of the window setting.
    """
    if weather == "clear":
        return
    layer, mask = _layer(weather, phase, image.width)
    if through_window:
        left, top, right, bottom = (round(edge * image.width / 128) for edge in WINDOW_PANES)
        box = (left, top, right, bottom)
        image.paste(layer.crop(box), (left, top), mask.crop(box))
    else:
        image.paste(layer, (0, 0), mask)


@lru_cache(maxsize=32)
def _layer(weather: str, phase: int, size: int) -> tuple[Image.Image, Image.Image]:
    """Colours and mask of a weather."""
    side = size * _SUPERSAMPLING
    wash = _WASHES[weather]
    layer = Image.new("RGBA", (side, side), wash)
    _MARKS[weather](ImageDraw.Draw(layer), side / 128, phase)
    layer = layer.resize((size, size), Image.Resampling.BOX)
    return layer.convert("RGB"), layer.getchannel("A")


def _grid(phase: int) -> list[tuple[int, int, int]]:
    """Left, top and a running number of the cells of 16 units, every one."""
    return [(16 * x, 16 * y, x + 3 * y + 2 * phase) for y in range(-1, 8) for x in range(8)]


def _rain(draw: ImageDraw.ImageDraw, unit: float, phase: int) -> None:
    for x, y, number in _grid(phase):
        for dx, dy in ((4, 2 * (number % 3)), (12, 8 + 2 * (number % 2))):
            line = ((x + dx) * unit, (y + dy) * unit, (x + dx - 4) * unit, (y + dy + 12) * unit)
            draw.line(line, fill=(214, 230, 248, 235), width=round(1.3 * unit))


def _snow(draw: ImageDraw.ImageDraw, unit: float, phase: int) -> None:
    for x, y, number in _grid(phase):
        for dx, dy, r in ((4, 4 + number % 3, 2.4), (12, 11 - number % 3, 1.5)):
            box = [
                (x + dx - r) * unit,
                (y + dy - r) * unit,
                (x + dx + r) * unit,
                (y + dy + r) * unit,
            ]
            draw.ellipse(box, fill=(255, 255, 255, 255))


def _fog(draw: ImageDraw.ImageDraw, unit: float, phase: int) -> None:
    for row in range(4):
        y, x = 24 + 32 * row, 16 if (row + phase) % 2 else -32
        box = [x * unit, (y - 10) * unit, (x + 144) * unit, (y + 10) * unit]
        draw.rounded_rectangle(box, radius=10 * unit, fill=(236, 238, 242, 215))


def _wind(draw: ImageDraw.ImageDraw, unit: float, phase: int) -> None:
    for row in range(4):
        y, x = 16 + 32 * row, 8 if (row + phase) % 2 else 64
        draw.line(
            (x * unit, y * unit, (x + 48) * unit, y * unit), (250, 252, 255, 235), round(2.5 * unit)
        )
        box = [(x + 40) * unit, (y - 14) * unit, (x + 56) * unit, y * unit]
        draw.arc(box, -150, 90, (250, 252, 255, 235), round(2.5 * unit))
        leaf = [(x + 8) * unit, (y + 6) * unit, (x + 16) * unit, (y + 11) * unit]
        draw.ellipse(leaf, fill=(150, 190, 80, 255))


def _fireworks(draw: ImageDraw.ImageDraw, unit: float, phase: int) -> None:
    places = ((22, 24), (106, 20), (16, 92), (112, 88))
    colours = ((255, 214, 92), (255, 110, 130), (120, 226, 255), (190, 140, 255))
    for number, (x, y) in enumerate(places):
        red, green, blue = colours[(number + phase) % 4]
        for ray in range(12):
            angle = ray * math.pi / 6
            dx, dy = math.cos(angle), math.sin(angle)
            near, far = (6, 20) if ray % 2 else (4, 13)
            line = [
                (x + dx * near) * unit,
                (y + dy * near) * unit,
                (x + dx * far) * unit,
                (y + dy * far) * unit,
            ]
            draw.line(line, (red, green, blue, 255), round(2 * unit))


def _petals(draw: ImageDraw.ImageDraw, unit: float, phase: int) -> None:
    for x, y, number in _grid(phase):
        if number % 3 == 0:
            continue
        dx, dy = (5, 9) if number % 2 else (10, 4)
        box = [
            (x + dx - 4) * unit,
            (y + dy - 2.5) * unit,
            (x + dx + 4) * unit,
            (y + dy + 2.5) * unit,
        ]
        draw.ellipse(box, fill=(255, 176 + 16 * (number % 2), 200, 255))


_WASHES: dict[str, tuple[int, int, int, int]] = {
    "rain": (58, 78, 112, 110),
    "snow": (170, 190, 214, 60),
    "fog": (214, 218, 224, 120),
    "wind": (0, 0, 0, 0),
    "fireworks": (10, 12, 40, 130),
    "petals": (255, 226, 232, 40),
}
_MARKS: dict[str, Callable[[ImageDraw.ImageDraw, float, int], None]] = {
    "rain": _rain,
    "snow": _snow,
    "fog": _fog,
    "wind": _wind,
    "fireworks": _fireworks,
    "petals": _petals,
}
