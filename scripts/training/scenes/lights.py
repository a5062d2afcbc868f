"""Lights: what the sky looks like, how bright the ground is, and whether a moon or sun stands there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Light:
    """One light.

    Attributes:
        top, horizon: colours of the sky.
        ground: factors of red, green and blue for what is not sky.
        disc: colour, centre and radius (128ths of the side) of a sun or moon, if one shows.
        stars: whether stars show.
        glow: the halo round a subject: bright in dark scenes, dark in bright ones.
        subject: factors of red, green and blue for the subject.
    """

    top: RGB
    horizon: RGB
    ground: tuple[float, float, float]
    disc: tuple[RGB, float, float, float] | None = None
    stars: bool = False
    glow: RGB = (16, 22, 48)
    subject: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def dark(self) -> bool:
        """Whether windows are lit."""
        return sum(self.ground) < 1.9

    def shade(self, colour: RGB) -> RGB:
        """A colour of the ground in this light."""
        r, g, b = (min(255, int(c * f)) for c, f in zip(colour, self.ground, strict=True))
        return r, g, b


_CREAM: RGB = (255, 244, 214)
LIGHTS: dict[str, Light] = {
    "dawn": Light(
        (146, 172, 226), (255, 208, 196), (0.92, 0.84, 0.90), ((255, 240, 222), 64, 80, 28)
    ),
    "noon": Light((70, 158, 236), (190, 228, 250), (1.0, 1.0, 1.0), ((255, 246, 190), 108, 18, 11)),
    "golden hour": Light(
        (246, 158, 62), (255, 220, 130), (1.0, 0.80, 0.52), ((255, 246, 200), 64, 72, 36),
        subject=(1.0, 0.95, 0.85),
    ),
    "dusk": Light(
        (66, 52, 118), (242, 124, 128), (0.56, 0.44, 0.62), ((255, 172, 128), 64, 80, 22),
        glow=_CREAM, subject=(0.97, 0.90, 0.95),
    ),
    "night": Light(
        (14, 24, 70), (46, 74, 140), (0.30, 0.38, 0.62), ((246, 244, 220), 108, 20, 12),
        glow=_CREAM, subject=(0.88, 0.90, 1.0),
    ),
    "starry": Light(
        (10, 8, 46), (66, 44, 120), (0.27, 0.28, 0.54), stars=True, glow=_CREAM,
        subject=(0.88, 0.90, 1.0),
    ),
    "overcast": Light((142, 150, 162), (204, 208, 212), (0.70, 0.73, 0.76), subject=(0.94, 0.95, 0.97)),
    "neon": Light(
        (24, 6, 58), (214, 30, 150), (0.36, 0.20, 0.62), ((255, 92, 150), 64, 72, 40),
        glow=(70, 240, 255), subject=(1.0, 0.92, 1.0),
    ),
}  # fmt: skip


def sky(light: Light, size: int) -> Image.Image:
    """The sky of a light, RGB, `size` pixels square; meant to be drawn large and reduced."""
    t = np.clip(np.linspace(0.0, 1.5, size), 0, 1)[:, None, None]
    column = np.asarray(light.top) * (1 - t) + np.asarray(light.horizon) * t  # (size, 1, 3)
    image = Image.fromarray(np.broadcast_to(column, (size, size, 3)).astype(np.uint8))
    draw, unit = ImageDraw.Draw(image), size / 128
    if light.stars:
        draw_stars(draw, unit)
    if light.disc is not None:
        colour, x, y, radius = light.disc
        for grown, share in ((1.35, 0.25), (1.0, 1.0)):
            r = radius * grown
            box = [(x - r) * unit, (y - r) * unit, (x + r) * unit, (y + r) * unit]
            under = image.getpixel((int(x * unit), int(min(127, y) * unit)))
            assert isinstance(under, tuple)
            fill = tuple(
                int(c * share + u * (1 - share)) for c, u in zip(colour, under, strict=True)
            )
            draw.ellipse(box, fill=fill)
    if light is LIGHTS["neon"]:
        for y in (66, 78, 90, 102):
            draw.rectangle((20 * unit, y * unit, 108 * unit, (y + 3) * unit), fill=(150, 22, 130))
    if light is LIGHTS["overcast"]:
        for x, y, w in ((16, 6, 44), (64, 2, 52), (112, 8, 44)):
            box = [(x - w / 2) * unit, (y - 14) * unit, (x + w / 2) * unit, (y + 14) * unit]
            draw.ellipse(box, fill=(112, 120, 134))
    return image


def draw_stars(draw: ImageDraw.ImageDraw, unit: float) -> None:
    """Stars in the same places of a grid of 16 units, so that scenes share codes."""
    for row in range(8):
        for column in range(8):
            if (row * 3 + column * 5) % 4 == 3:
                continue
            x = 16 * column + (4, 11, 7, 13)[(row + column) % 4]
            y = 16 * row + (5, 12, 9, 3)[(row + 2 * column) % 4]
            r = (1.5, 0.8, 1.0)[(row + column) % 3]
            box = [(x - r) * unit, (y - r) * unit, (x + r) * unit, (y + r) * unit]
            draw.ellipse(box, fill=(255, 250, 226))
