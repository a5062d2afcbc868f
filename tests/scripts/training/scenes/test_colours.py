from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from scripts.training.scenes.colours import COLOURS, tinted


def rose() -> Image.Image:
    """A red disc on a green stem."""
    image = Image.new("RGBA", (32, 32))
    draw = ImageDraw.Draw(image)
    draw.rectangle([14, 16, 18, 31], fill=(40, 160, 60, 255))
    draw.ellipse([4, 0, 28, 22], fill=(220, 30, 40, 255))
    return image


def pixel(image: Image.Image, x: int, y: int) -> np.ndarray:
    return np.asarray(image)[y, x, :3].astype(int)


def test_the_chief_hue_becomes_the_colour_and_the_stem_stays() -> None:
    blue = tinted(rose(), "blue")
    r, g, b = pixel(blue, 16, 10)
    assert b > 180 > g > r
    assert np.abs(pixel(blue, 16, 29) - pixel(rose(), 16, 29)).max() <= 4


def test_white_and_black_lose_their_hue() -> None:
    white, black = pixel(tinted(rose(), "white"), 16, 10), pixel(tinted(rose(), "black"), 16, 10)
    assert white.min() > 200
    assert black.max() < 110


def test_every_hue_changes_when_asked() -> None:
    stem = pixel(tinted(rose(), "purple", every_hue=True), 16, 29)
    assert stem[2] > stem[1]


@pytest.mark.parametrize("colour", COLOURS)
def test_the_outline_stays(colour: str) -> None:
    before, after = rose().getchannel("A"), tinted(rose(), colour).getchannel("A")
    assert np.array_equal(np.asarray(before), np.asarray(after))


def test_the_colours_differ_from_one_another() -> None:
    petals = np.array([pixel(tinted(rose(), colour), 16, 10) for colour in COLOURS])
    apart = np.abs(petals[:, None] - petals[None]).sum(-1) + 1000 * np.eye(len(petals), dtype=int)
    assert apart.min() > 40
