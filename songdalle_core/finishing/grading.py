"""Grades: how each mood turns colours, one ramp of five colours and a few numbers.

Why these looks. Colour moves feeling mostly by saturation and brightness: bright colours please,
saturated ones arouse, dark ones dominate (Valdez & Mehrabian 1994, J. Exp. Psychol. General 123(4),
394-409). Across 30 nations people give yellow to joy, red to anger and love, grey and black to sadness
and fear (Jonauskaite et al. 2020, Psychological Science 31(10), 1245-1260).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from songdalle_core.finishing.colour import to_lab, to_rgb
from songdalle_core.finishing.scene import Floats


@dataclass(frozen=True)
class Grade:
    """A mood's colours.

    Attributes:
        ramps: five colours each, dark to light; the seed picks one.
        chroma: factor of saturation.
        low, high: the range of lightness (L*) that black and white come to.
        contrast: of lightness round the middle; 1 keeps it.
        ground, sky, subject: how far hues are pulled to the ramp, 0 to 1.
        zenith: factor of the lightness of the sky's top: dramatic skies darken upwards.
        fields: steps of the ramp that plain fields may have.
        lights: names of lights that suit it, likelier ones more often.
        weathers: names of weathers that suit it, "clear" among them.
    """

    ramps: tuple[tuple[str, ...], ...]
    chroma: float
    low: float
    high: float
    contrast: float
    ground: float
    sky: float
    subject: float
    zenith: float
    fields: tuple[float, ...]
    lights: tuple[str, ...]
    weathers: tuple[str, ...] = ("clear",)


GRADES: dict[str | None, Grade] = {
    "Sadness": Grade(
        (
            ("0d1520", "22344b", "48607d", "8093a8", "bfc9d1"),
            ("13121f", "302e49", "57577b", "8a8ca6", "c4c6d0"),
            ("0b191f", "1d3944", "42616b", "7c9398", "bdc9c9"),
        ),
        0.48, 4, 80, 0.85, 0.78, 0.85, 0.36, 0.9, (0.5, 1.1, 1.8, 2.6, 3.3),
        ("overcast", "dusk", "night", "overcast", "night", "dawn"),
        ("clear", "clear", "rain", "clear", "fog", "clear", "clear"),
    ),
    "Power": Grade(
        (
            ("090304", "47060a", "ad0f18", "ee3f28", "ffcf57"),
            ("0a0505", "3b0b08", "9a150e", "e55d18", "ffdd86"),
            ("08050a", "37051b", "900a2c", "e71d3a", "ffe4cc"),
        ),
        1.12, 1, 86, 1.35, 0.86, 0.92, 0.26, 0.5, (0.15, 0.8, 1.5, 2.1, 2.8),
        ("golden hour", "dusk", "night", "golden hour", "dusk"),
    ),
    "Tension": Grade(
        (
            ("060b08", "0f2f29", "2b562c", "87a03c", "d8dd95"),
            ("0a0712", "29103f", "4f2a5c", "91944e", "dcdba0"),
            ("050c10", "06303a", "0b685c", "ac9c3c", "e6dd98"),
        ),
        0.85, 1, 92, 1.25, 0.86, 0.92, 0.28, 0.5, (0.2, 0.8, 1.4, 2.2, 3.2),
        ("night", "overcast", "dusk", "neon", "overcast"),
        ("clear", "clear", "clear", "clear", "fog"),
    ),
    "Joyful": Grade(
        (
            ("5a1f63", "e8435a", "ff8a3c", "ffc93a", "fff3c4"),
            ("12508c", "14a3bc", "ff7f6a", "ffcf4a", "fff6d8"),
            ("7a1f5c", "ff4f7d", "ff9a4d", "ffd84a", "fff4d0"),
        ),
        1.22, 20, 100, 1.0, 0.34, 0.55, 0.10, 1.05, (1.2, 1.8, 2.5, 3.1, 3.8),
        ("noon", "golden hour", "noon", "dawn"),
        ("clear", "clear", "clear", "clear", "petals"),
    ),
    "Calmness": Grade(
        (
            ("5c7f86", "93b8b5", "bcd9cf", "dcebe0", "f8f6ea"),
            ("7d7f9c", "a9abc6", "cbcbe0", "e6e0ea", "fbf5f0"),
            ("8a7d78", "c4ab9f", "e2cdbf", "f1e4d8", "fcf8f0"),
            ("6d8ba3", "9fbcd0", "c3d8e4", "dfeaee", "f7f6f0"),
        ),
        0.58, 36, 98, 0.8, 0.66, 0.80, 0.30, 1.0, (1.2, 2.0, 2.6, 3.3, 4.0),
        ("dawn", "noon", "overcast", "dawn"),
        ("clear", "clear", "clear", "fog"),
    ),
    None: Grade(
        (
            ("14213d", "2f5d8a", "e76f51", "f4a261", "fdf0d5"),
            ("1d2b2a", "2a6f6b", "7fb69e", "f2c57c", "fbf1dc"),
            ("1b1b2f", "3d3a6b", "c9485b", "f2994a", "fbe7c6"),
            ("10242e", "1f6f78", "5fa8a0", "f2b872", "fff5e4"),
            ("231942", "5e548e", "b784b7", "f2b5a7", "fdf0e6"),
        ),
        1.0, 2, 99, 1.0, 0.22, 0.25, 0.06, 1.0, (0.4, 1.2, 2.0, 3.0, 3.8),
        ("noon", "golden hour", "dusk", "night", "dawn", "starry", "noon"),
    ),
}  # fmt: skip


def graded(colours: Floats, grade: Grade, ramp: Floats, pull: float, reach: float = 1.0) -> Floats:
    """Colours (N, 3) in a mood: lightness into its range, hues pulled to the ramp's at that lightness.

    Args:
        colours: sRGB.
        grade: the mood's numbers.
        ramp: (5, 3) sRGB, dark to light.
        pull: how far hues go, 0 to 1.
        reach: how far lightness and saturation go, 0 to 1.
    """
    lab = to_lab(colours)
    curved = 50 + (lab[..., 0] - 50) * grade.contrast
    lightness = grade.low + (grade.high - grade.low) * np.clip(curved, 0, 100) / 100
    lab[..., 0] += reach * (lightness - lab[..., 0])
    lab[..., 1:] *= 1 + reach * (grade.chroma - 1)
    target = to_lab(ramp)
    for axis in (1, 2):
        wanted = np.interp(lab[..., 0], target[:, 0], target[:, axis])
        lab[..., axis] += pull * (wanted - lab[..., axis])
    return to_rgb(lab)
