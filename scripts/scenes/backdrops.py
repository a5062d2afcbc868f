"""What stands behind the subject: sky by light, ground by setting, weather on top, mood over all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from songdalle_core.moods import MOODS, Mood

RGB = tuple[int, int, int]
Painter = Callable[[ImageDraw.ImageDraw, int, np.random.Generator, float], None]

# sky colour at the top and at the horizon, and how bright the ground is under it
LIGHTS: dict[str, tuple[RGB, RGB, float]] = {
    "day": ((92, 172, 238), (200, 230, 248), 1.0),
    "dawn": ((122, 148, 214), (255, 204, 186), 0.85),
    "sunset": ((104, 70, 138), (255, 146, 78), 0.75),
    "night": ((14, 20, 52), (40, 52, 100), 0.42),
    "starry night": ((8, 10, 38), (44, 34, 88), 0.38),
}
WEATHERS = ("clear", "rain", "snow")

# saturation, contrast, brightness, tint and its strength: cold and pale for sadness, warm and bright
# for joy, hard red-black for power, dark green for tension, soft and low in contrast for calm
# (colour and affect: Valdez & Mehrabian 1994, J. Exp. Psychol. Gen. 123(4))
GRADES: dict[Mood, tuple[float, float, float, RGB, float]] = {
    "Sadness": (0.60, 0.85, 0.82, (70, 100, 160), 0.22),
    "Power": (1.15, 1.35, 0.92, (190, 30, 20), 0.18),
    "Tension": (0.75, 1.30, 0.72, (30, 90, 70), 0.20),
    "Joyful": (1.35, 1.05, 1.10, (255, 225, 120), 0.14),
    "Calmness": (0.80, 0.75, 1.08, (205, 225, 225), 0.24),
}
assert tuple(GRADES) == MOODS


def sky(light: str, size: int, rng: np.random.Generator) -> Image.Image:
    """Vertical gradient of a light, with stars on a starry night."""
    top, bottom, _ = LIGHTS[light]
    t = np.linspace(0.0, 1.0, size)[:, None, None]
    column = np.asarray(top) * (1 - t) + np.asarray(bottom) * t  # (size, 1, 3)
    image = Image.fromarray(np.broadcast_to(column, (size, size, 3)).astype(np.uint8))
    if light == "starry night":
        draw = ImageDraw.Draw(image)
        for x, y in _scatter(26, rng) * size:
            r = max(1, size // 128)
            draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 250, 220))
    return image


def _scatter(count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, 2) points in [0, 1): one fixed pattern in four phases, so that scenes share codes."""
    points = np.random.default_rng(7).uniform(0, 1, (count, 2))
    shift = rng.integers(0, 2, 2) * 0.5
    return np.asarray((points + shift) % 1.0)


def _shade(colour: RGB, brightness: float) -> RGB:
    return (
        int(colour[0] * brightness),
        int(colour[1] * brightness),
        int(colour[2] * (0.25 + 0.75 * brightness)),
    )


def _hills(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    draw.ellipse((-0.5 * s, 0.62 * s, 0.8 * s, 1.6 * s), fill=_shade((104, 178, 82), light))
    draw.ellipse((0.2 * s, 0.68 * s, 1.6 * s, 1.6 * s), fill=_shade((84, 158, 70), light))


def _sea(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    draw.rectangle((0, 0.62 * s, s, s), fill=_shade((28, 108, 178), light))
    for y in (0.70, 0.80, 0.90):
        draw.rectangle((0, y * s, s, (y + 0.02) * s), fill=_shade((92, 168, 220), light))


def _shore(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    draw.rectangle((0, 0.58 * s, s, 0.76 * s), fill=_shade((34, 124, 190), light))
    draw.rectangle((0, 0.74 * s, s, 0.77 * s), fill=_shade((235, 245, 250), light))
    draw.rectangle((0, 0.77 * s, s, s), fill=_shade((232, 206, 150), light))


def _flower_field(
    draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float
) -> None:
    draw.rectangle((0, 0.66 * s, s, s), fill=_shade((96, 168, 78), light))
    colours: list[RGB] = [(240, 96, 130), (250, 210, 70), (245, 245, 245)]
    for row in range(3):
        for column in range(8):
            x, y, r = (column + 0.5 + 0.5 * (row % 2)) * s / 8, (0.74 + 0.1 * row) * s, 0.03 * s
            fill = _shade(colours[(row + column) % 3], light)
            draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)


def _forest(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    draw.rectangle((0, 0.8 * s, s, s), fill=_shade((60, 104, 54), light))
    for i in range(7):
        x, top = (i + 0.5) * s / 7, (0.30 if i % 2 else 0.40) * s
        corners = ((x - 0.1 * s, 0.82 * s), (x, top), (x + 0.1 * s, 0.82 * s))
        draw.polygon(corners, fill=_shade((30, 92 + 16 * (i % 2), 52), light))


def _mountains(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    for x, top, shade in ((0.22, 0.34, 118), (0.78, 0.40, 104), (0.5, 0.52, 90)):
        left, right = ((x - 0.4) * s, s), ((x + 0.4) * s, s)
        draw.polygon(
            (left, (x * s, top * s), right), fill=_shade((shade, shade + 6, shade + 24), light)
        )
        cap = ((x - 0.07) * s, (top + 0.11) * s), ((x + 0.07) * s, (top + 0.11) * s)
        draw.polygon((cap[0], (x * s, top * s), cap[1]), fill=_shade((244, 248, 252), light))


def _desert(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    draw.ellipse((-0.6 * s, 0.64 * s, 0.7 * s, 1.7 * s), fill=_shade((230, 180, 104), light))
    draw.ellipse((0.2 * s, 0.72 * s, 1.7 * s, 1.7 * s), fill=_shade((214, 158, 84), light))


def _snow(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    bright = 0.35 + 0.65 * light
    draw.ellipse((-0.5 * s, 0.64 * s, 0.8 * s, 1.7 * s), fill=_shade((240, 246, 252), bright))
    draw.ellipse((0.2 * s, 0.70 * s, 1.6 * s, 1.7 * s), fill=_shade((220, 232, 246), bright))


def _city(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    lit = light < 0.6
    for i, top in enumerate((0.42, 0.28, 0.50, 0.34, 0.46, 0.30)):
        x0, x1 = i * s / 6, (i + 0.92) * s / 6
        fill = _shade((96 + 10 * (i % 3), 104 + 8 * (i % 2), 130), light)
        draw.rectangle((x0, top * s, x1, s), fill=fill)
        for row in range(8):
            y = (top + 0.05 + 0.08 * row) * s
            for column in (0.25, 0.6):
                x = x0 + column * s / 6
                pane = (255, 222, 120) if lit and (row + i) % 3 else _shade((170, 190, 214), light)
                draw.rectangle((x, y, x + 0.03 * s, y + 0.04 * s), fill=pane)


def _street(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    for x0, colour in ((0.0, (176, 118, 96)), (0.74, (150, 132, 112))):
        draw.rectangle((x0 * s, 0.26 * s, (x0 + 0.26) * s, 0.8 * s), fill=_shade(colour, light))
    road = ((0.36 * s, 0.62 * s), (0.64 * s, 0.62 * s), (1.2 * s, s), (-0.2 * s, s))
    draw.rectangle((0, 0.78 * s, s, s), fill=_shade((150, 150, 150), light))
    draw.polygon(road, fill=_shade((84, 86, 94), light))
    dash = ((0.49 * s, 0.66 * s), (0.51 * s, 0.66 * s), (0.54 * s, s), (0.46 * s, s))
    draw.polygon(dash, fill=_shade((240, 226, 150), light))


def _room(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    bright = 0.4 + 0.6 * light
    draw.rectangle((0, 0, s, 0.76 * s), fill=_shade((226, 204, 172), bright))
    top, bottom, _ = LIGHTS["day" if light > 0.6 else "night"]
    draw.rectangle((0.62 * s, 0.10 * s, 0.92 * s, 0.44 * s), fill=_shade((250, 250, 245), bright))
    draw.rectangle((0.65 * s, 0.13 * s, 0.89 * s, 0.41 * s), fill=bottom if light > 0.6 else top)
    draw.rectangle((0, 0.76 * s, s, s), fill=_shade((150, 102, 66), bright))


def _stage(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    draw.rectangle((0, 0, s, s), fill=(44, 14, 40))
    beam = ((0.5 * s, -0.1 * s), (0.02 * s, 0.84 * s), (0.98 * s, 0.84 * s))
    draw.polygon(beam, fill=(150, 110, 150))
    draw.rectangle((0, 0.80 * s, s, s), fill=(96, 56, 44))
    for x0 in (0.0, 0.84):
        draw.rectangle((x0 * s, 0, (x0 + 0.16) * s, 0.84 * s), fill=(150, 22, 34))


def _space(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    draw.rectangle((0, 0, s, s), fill=(10, 8, 30))
    draw.ellipse((-0.3 * s, 0.55 * s, 0.7 * s, 1.5 * s), fill=(44, 24, 84))
    for x, y in _scatter(32, rng) * s:
        r = max(1, s // 128)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(240, 240, 255))


def _sky(draw: ImageDraw.ImageDraw, s: int, rng: np.random.Generator, light: float) -> None:
    for x, y, w in ((0.16, 0.84, 0.5), (0.74, 0.92, 0.6)):
        box = ((x - w / 2) * s, (y - 0.09) * s, (x + w / 2) * s, (y + 0.09) * s)
        draw.ellipse(box, fill=_shade((244, 248, 252), 0.3 + 0.7 * light))


SETTINGS: dict[str, Painter] = {
    "sky": _sky,
    "sea": _sea,
    "shore": _shore,
    "field": _hills,
    "flower field": _flower_field,
    "forest": _forest,
    "mountains": _mountains,
    "desert": _desert,
    "snow": _snow,
    "city": _city,
    "street": _street,
    "room": _room,
    "stage": _stage,
    "space": _space,
}
INDOORS = ("room", "stage", "space")  # no weather there


def fall(image: Image.Image, weather: str, rng: np.random.Generator) -> Image.Image:
    """Rain as slanted strokes or snow as flakes over the picture; clear leaves it as it is."""
    draw, s = ImageDraw.Draw(image), image.width
    for x, y in _scatter(28, rng) * s:
        if weather == "rain":
            draw.line(
                (x, y, x - 0.03 * s, y + 0.11 * s), fill=(190, 210, 235), width=max(1, s // 64)
            )
        elif weather == "snow":
            r = 0.018 * s
            draw.ellipse((x - r, y - r, x + r, y + r), fill=(250, 252, 255))
    return image


def grade(pixels: np.ndarray, mood: Mood) -> np.ndarray:
    """A mood's colours laid over uint8 (H, W, 3): saturation, contrast, brightness, tint."""
    saturation, contrast, brightness, tint, strength = GRADES[mood]
    x = pixels.astype(np.float32)
    grey = x @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    x = grey[..., None] + (x - grey[..., None]) * saturation
    x = ((x - 128.0) * contrast + 128.0) * brightness
    x = x * (1 - strength) + np.asarray(tint, dtype=np.float32) * strength
    return np.clip(x, 0, 255).astype(np.uint8)
