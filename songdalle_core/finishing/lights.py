"""Lights: the colours of the sky, of what stands below it, and of a sun or moon."""

from __future__ import annotations

from dataclasses import dataclass

RGB = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """One light; colours as "rrggbb".

    Attributes:
        top, horizon: of the sky.
        sun: of the sun's or moon's disc, and of what it lights.
        ground: factors of red, green and blue for what is lit from above.
        elevation: how high the disc stands: 0 at the horizon, 1 at the top.
        moon: whether the disc is a moon.
        stars: whether stars show.
        lamps: whether windows are lit.
        haze: how much of the horizon's colour the distance takes.
        hard: how strong shading and shadows are, 0 to 1.
    """

    top: str
    horizon: str
    sun: str
    ground: RGB
    elevation: float
    moon: bool = False
    stars: bool = False
    lamps: bool = False
    haze: float = 0.35
    hard: float = 0.6


LIGHTS: dict[str, Light] = {
    "dawn": Light("8fa9dc", "ffd2c2", "fff1dd", (0.94, 0.86, 0.92), 0.22, haze=0.5, hard=0.5),
    "noon": Light("3f97e0", "bfe3f6", "fff7c4", (1.0, 1.0, 1.0), 0.75, haze=0.3, hard=0.7),
    "golden hour": Light("f0924a", "ffdf92", "fff3c0", (1.0, 0.80, 0.54), 0.2, haze=0.5, hard=0.9),
    "dusk": Light("3d3270", "f0807c", "ffb288", (0.58, 0.46, 0.64), 0.1, lamps=True, haze=0.45),
    "night": Light(
        "0b1640", "2f5290", "f4efd2", (0.32, 0.40, 0.64), 0.72, True, True, True, 0.35, 0.5
    ),
    "starry": Light(
        "0a0830", "4a3488", "f2e6ff", (0.30, 0.30, 0.56), 0.65, True, True, True, 0.3, 0.4
    ),
    "overcast": Light("8d97a4", "ccd2d6", "eef1f2", (0.74, 0.77, 0.80), 0.8, haze=0.6, hard=0.2),
    "neon": Light(
        "1a0542", "d81f96", "ff5c96", (0.40, 0.24, 0.66), 0.15, lamps=True, haze=0.4, hard=0.9
    ),
}
