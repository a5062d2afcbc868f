"""What stands behind the subject: eighteen settings, each in every light, in two mirrored layouts.

Shapes are few, large and mostly at the sides and the bottom, so that the subject in the middle stands free.
Coordinates are in 128ths of the side and keep to the grid of 16 that the image model's codes see.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

from scripts.training.scenes.lights import LIGHTS, RGB, Light, draw_stars, sky

SUPERSAMPLING = 4
LAYOUTS = 2


class Canvas:
    """Draws in 128ths of the side, in the colours of a light; a mirrored canvas swaps left and right."""

    def __init__(self, image: Image.Image, light: Light, mirrored: bool) -> None:
        self.draw = ImageDraw.Draw(image)
        self.unit = image.width / 128
        self.light = light
        self.mirrored = mirrored

    def _x(self, x: float) -> float:
        return (128 - x if self.mirrored else x) * self.unit

    def _box(self, x0: float, y0: float, x1: float, y1: float) -> list[float]:
        left, right = sorted((self._x(x0), self._x(x1)))
        return [left, y0 * self.unit, right, y1 * self.unit]

    def rect(
        self, x0: float, y0: float, x1: float, y1: float, colour: RGB, lit: bool = True
    ) -> None:
        """A rectangle; unlit ones keep their colour in every light."""
        self.draw.rectangle(self._box(x0, y0, x1, y1), fill=self._colour(colour, lit))

    def oval(self, x: float, y: float, rx: float, ry: float, colour: RGB, lit: bool = True) -> None:
        """An ellipse round (x, y)."""
        self.draw.ellipse(self._box(x - rx, y - ry, x + rx, y + ry), fill=self._colour(colour, lit))

    def poly(self, points: list[tuple[float, float]], colour: RGB, lit: bool = True) -> None:
        """A polygon."""
        corners = [(self._x(x), y * self.unit) for x, y in points]
        self.draw.polygon(corners, fill=self._colour(colour, lit))

    def _colour(self, colour: RGB, lit: bool) -> RGB:
        return self.light.shade(colour) if lit else colour


def _sky(c: Canvas) -> None:
    for x, y, w in ((8, 24, 22), (124, 52, 20)):
        c.oval(x, y, w, 8, (250, 252, 255))
        c.oval(x + 4, y - 6, w / 2, 8, (250, 252, 255))
    for x, y, w in ((4, 120, 34), (40, 126, 30), (84, 122, 34), (124, 118, 30)):
        c.oval(x, y, w, 14, (244, 248, 255))


def _water(c: Canvas, top: float, deep: RGB, bright: RGB) -> None:
    c.rect(0, top, 128, 128, deep)
    y, step = top + 6.0, 0
    while y < 128:
        for x in range(-16, 128, 32):
            c.rect(x + 16 * (step % 2), y, x + 16 * (step % 2) + 18, y + 2, bright)
        y, step = y + 10, step + 1


def _sea(c: Canvas) -> None:
    _water(c, 80, (24, 104, 180), (104, 182, 228))


def _shore(c: Canvas) -> None:
    _water(c, 70, (34, 138, 196), (126, 204, 232))
    c.oval(40, 132, 110, 38, (246, 250, 250))
    c.oval(40, 138, 110, 40, (240, 212, 150))


def _river(c: Canvas) -> None:
    c.oval(20, 96, 60, 26, (86, 152, 82))
    c.oval(112, 96, 50, 28, (76, 140, 76))
    c.rect(0, 88, 128, 128, (104, 172, 84))
    c.poly([(70, 80), (78, 80), (64, 96), (112, 128), (24, 128), (44, 96)], (52, 144, 206))
    c.poly([(72, 84), (74, 84), (58, 98), (84, 128), (70, 128), (52, 98)], (140, 206, 236))


def _lake(c: Canvas) -> None:
    c.poly([(-20, 88), (22, 48), (60, 88)], (106, 128, 150))
    c.poly([(64, 88), (108, 54), (150, 88)], (120, 142, 160))
    c.rect(0, 84, 128, 128, (94, 150, 84))
    c.oval(64, 110, 60, 20, (70, 160, 204))
    c.oval(64, 106, 44, 6, (160, 214, 236))
    for x in (4, 10, 16):
        c.rect(x, 92 - x / 4, x + 2, 124, (70, 110, 50))
        c.oval(x + 1, 92 - x / 4, 2.5, 6, (120, 84, 50))


def _field(c: Canvas) -> None:
    c.oval(24, 132, 76, 54, (112, 188, 84))
    c.oval(108, 140, 80, 52, (88, 166, 72))


def _flower_field(c: Canvas) -> None:
    c.rect(0, 80, 128, 128, (98, 172, 80))
    petals: list[RGB] = [(244, 92, 132), (252, 212, 72), (250, 250, 250)]
    for row in range(3):
        for column in range(9):
            x, y, r = 16 * column + 8 * (row % 2), 88 + 16 * row, 4 + row
            c.oval(x, y, r, r, petals[(row + column) % 3])
            c.oval(x, y, r / 3, r / 3, (250, 180, 50))


def _conifer(c: Canvas, x: float, top: float, base: float, width: float, colour: RGB) -> None:
    height = base - top
    c.rect(x - 2, base - 2, x + 2, base + 6, (92, 62, 42))
    for k in range(3):
        y, w = top + height * k / 4, width * (0.5 + 0.25 * k)
        c.poly([(x - w, y + height / 2), (x, y), (x + w, y + height / 2)], colour)


def _forest(c: Canvas) -> None:
    c.rect(0, 68, 128, 128, (66, 124, 84))
    c.rect(0, 104, 128, 128, (58, 108, 54))
    for x in (40, 64, 88):
        _conifer(c, x, 44, 100, 12, (78, 138, 98))
    for x, top in ((0, 8), (20, 30), (108, 30), (128, 8)):
        _conifer(c, x, top, 112, 18, (32, 92, 54))


def _mountains(c: Canvas) -> None:
    for x, top, colour in (
        (28, 20, (112, 122, 148)),
        (104, 30, (98, 106, 134)),
        (66, 64, (84, 94, 118)),
    ):
        c.poly([(x - 64, 128), (x, top), (x + 64, 128)], colour)
        c.poly([(x - 12, top + 24), (x, top), (x + 12, top + 24), (x, top + 18)], (246, 250, 255))
    c.rect(0, 116, 128, 128, (84, 130, 78))


def _desert(c: Canvas) -> None:
    c.oval(20, 138, 90, 56, (236, 186, 108))
    c.oval(112, 144, 86, 50, (218, 160, 84))
    c.poly([(0, 112), (30, 96), (64, 128), (0, 128)], (244, 202, 128))


def _snow(c: Canvas) -> None:
    for x, top in ((8, 44), (26, 60), (116, 50)):
        _conifer(c, x, top, 96, 12, (196, 218, 232))
    c.oval(24, 134, 84, 48, (248, 252, 255))
    c.oval(108, 140, 80, 46, (226, 236, 248))


def _house(c: Canvas, x: float, base: float, width: float, wall: RGB, roof: RGB) -> None:
    top = base - width * 0.8
    c.rect(x, top, x + width, base, wall)
    c.poly([(x - 3, top), (x + width / 2, top - width * 0.6), (x + width + 3, top)], roof)
    pane: RGB = (255, 220, 120) if c.light.dark else (150, 190, 220)
    lit = not c.light.dark
    c.rect(x + width * 0.2, top + 4, x + width * 0.45, top + 4 + width * 0.25, pane, lit)
    c.rect(x + width * 0.6, base - width * 0.5, x + width * 0.85, base, (120, 78, 50))


def _village(c: Canvas) -> None:
    c.oval(64, 130, 110, 46, (116, 176, 88))
    _house(c, 34, 92, 18, (232, 214, 184), (158, 96, 72))
    _house(c, 78, 92, 18, (240, 226, 200), (170, 84, 66))
    _house(c, 2, 108, 30, (246, 232, 206), (196, 74, 58))
    _house(c, 98, 108, 28, (236, 220, 196), (182, 92, 60))
    c.poly([(58, 92), (70, 92), (90, 128), (38, 128)], (222, 200, 154))


def _city(c: Canvas) -> None:
    for x, top, shade in (
        (0, 24, 0),
        (22, 52, 1),
        (42, 70, 2),
        (64, 64, 0),
        (86, 46, 1),
        (106, 16, 2),
    ):
        c.rect(x, top, x + 21, 128, (88 + 14 * shade, 100 + 12 * shade, 132 + 10 * shade))
        for row in range(8):
            for column in range(2):
                lit = c.light.dark and (row + column + shade) % 3 != 0
                pane: RGB = (255, 220, 120) if lit else (160, 182, 210)
                y = top + 6 + 12 * row
                c.rect(x + 4 + 8 * column, y, x + 8 + 8 * column, y + 6, pane, not lit)


def _street(c: Canvas) -> None:
    for x, colour in ((0, (196, 128, 100)), (104, (158, 138, 116))):
        c.rect(x, 8, x + 24, 100, colour)
        for row in range(4):
            pane: RGB = (255, 220, 120) if c.light.dark else (190, 214, 230)
            c.rect(x + 6, 16 + 20 * row, x + 18, 26 + 20 * row, pane, not c.light.dark)
    c.rect(0, 96, 128, 128, (164, 160, 156))
    c.poly([(54, 76), (74, 76), (124, 128), (4, 128)], (92, 94, 104))
    for y, w in ((82, 1), (96, 2), (114, 3)):
        c.rect(64 - w, y, 64 + w, y + 6 + w, (248, 236, 170))
    c.rect(27, 40, 29, 100, (60, 62, 70))
    c.oval(28, 38, 6, 6, (255, 236, 160), lit=False)


def _room(c: Canvas) -> None:
    c.rect(0, 0, 128, 96, (236, 208, 176))
    for x in range(0, 128, 16):
        c.rect(x, 0, x + 8, 96, (228, 196, 160))
    c.rect(0, 92, 128, 96, (250, 240, 224))
    c.rect(0, 96, 128, 128, (158, 106, 70))
    c.oval(64, 116, 52, 10, (188, 84, 76))
    c.rect(2, 8, 26, 34, (120, 78, 50))
    c.rect(5, 11, 23, 31, (150, 190, 170))
    c.rect(114, 48, 116, 100, (90, 70, 56))
    c.poly([(106, 50), (124, 50), (120, 32), (110, 32)], (255, 226, 150), lit=False)


WINDOW_PANES = (24, 8, 104, 104)
"""The glass of the window setting, in 128ths: left, top, right, bottom."""


def _window(c: Canvas) -> None:
    wall: RGB = (196, 170, 150)
    left, top, right, bottom = WINDOW_PANES
    c.rect(0, 0, left, 128, wall, lit=False)
    c.rect(right, 0, 128, 128, wall, lit=False)
    c.rect(0, 0, 128, top, wall, lit=False)
    c.rect(0, bottom, 128, 128, wall, lit=False)
    frame: RGB = (250, 246, 238)
    for x in (left - 3, 62, right - 1):
        c.rect(x, top - 2, x + 4, bottom, frame, lit=False)
    for y in (top - 3, 54, bottom - 3):
        c.rect(left - 3, y, right + 3, y + 4, frame, lit=False)
    c.rect(12, 106, 116, 114, (250, 246, 238), lit=False)
    for x0, x1, edge in ((0, 20, 26), (128, 108, 102)):
        c.poly(
            [(x0, 0), (edge, 0), (x1, 64), (x1 - (x1 - x0) / 3, 122), (x0, 122)],
            (206, 92, 88),
            lit=False,
        )


def _stage(c: Canvas) -> None:
    c.rect(0, 0, 128, 128, (46, 16, 50), lit=False)
    c.poly([(36, 0), (20, 104), (72, 104)], (96, 52, 108), lit=False)
    c.poly([(92, 0), (56, 104), (108, 104)], (96, 52, 108), lit=False)
    c.poly([(54, 0), (74, 0), (108, 104), (20, 104)], (186, 140, 170), lit=False)
    c.rect(0, 100, 128, 128, (110, 66, 48), lit=False)
    c.oval(64, 112, 48, 10, (232, 196, 150), lit=False)
    for x in (0, 112):
        c.rect(x, 0, x + 16, 112, (164, 24, 40), lit=False)
        c.rect(x + 6, 0, x + 10, 112, (120, 14, 30), lit=False)
    c.rect(0, 0, 128, 8, (140, 18, 34), lit=False)


def _space(c: Canvas) -> None:
    c.rect(0, 0, 128, 128, (12, 10, 36), lit=False)
    for rx, colour in ((64, (30, 18, 66)), (48, (46, 24, 90)), (30, (66, 34, 112))):
        c.oval(16, 116, rx, rx * 0.7, colour, lit=False)
    c.oval(124, 120, 36, 36, (52, 120, 176), lit=False)
    c.oval(118, 114, 26, 22, (82, 156, 204), lit=False)
    draw_stars(c.draw, c.unit)


SETTINGS: dict[str, Callable[[Canvas], None]] = {
    "sky": _sky,
    "sea": _sea,
    "shore": _shore,
    "river": _river,
    "lake": _lake,
    "field": _field,
    "flower field": _flower_field,
    "forest": _forest,
    "mountains": _mountains,
    "desert": _desert,
    "snow": _snow,
    "village": _village,
    "city": _city,
    "street": _street,
    "room": _room,
    "window": _window,
    "stage": _stage,
    "space": _space,
}
INDOORS = ("room", "stage", "space")
"""No weather there."""
OWN_LIGHT = ("stage", "space")
"""They look the same in every light, which captions then leave unsaid."""


@lru_cache(maxsize=512)
def backdrop(setting: str, light: str, layout: int, size: int) -> Image.Image:
    """A setting in a light, RGB, `size` pixels square; the picture is shared, so copy before drawing."""
    lamp = LIGHTS[light]
    image = sky(lamp, size * SUPERSAMPLING)
    SETTINGS[setting](Canvas(image, lamp, mirrored=layout == 1))
    return image.reduce(SUPERSAMPLING)
