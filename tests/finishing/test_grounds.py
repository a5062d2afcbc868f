"""Places in every mood: what tells a place by its colour keeps it."""

from __future__ import annotations

import numpy as np
import pytest

from songdalle_core.finishing.colour import to_lab
from songdalle_core.finishing.content import GroundLayer
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.grounds import Ground, as_ground
from songdalle_core.finishing.look import choose_look
from songdalle_core.moods import MOODS

WHITE, BLUE, GREEN = (250, 252, 255), (70, 140, 210), (90, 160, 80)


def halves(place: str, upper: tuple[int, int, int], lower: tuple[int, int, int]) -> Ground:
    """A place of two planes under an empty sky."""
    pixels = np.zeros((128, 128, 4), np.uint8)
    pixels[60:94, :, :3], pixels[94:, :, :3] = upper, lower
    pixels[60:, :, 3] = 255
    return as_ground(GroundLayer(pixels, place))


def colour_of(ground: Ground, mood: str, own: tuple[int, int, int], light: str) -> np.ndarray:
    """L*, a* and b* in a mood of the plane that has this colour of its own."""
    away = np.abs(ground.drawing.colours * 255 - own).sum(axis=1)
    look = choose_look(Direction(mood=mood, light=light), 3)
    lab: np.ndarray = to_lab(ground.recoloured(look).drawing.colours)[away.argmin()]
    return lab


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("light", ["noon", "night"])
def test_snow_is_white_in_every_mood(mood: str, light: str) -> None:
    snow = colour_of(halves("snow", GREEN, WHITE), mood, WHITE, light)
    other = colour_of(halves("field", GREEN, WHITE), mood, WHITE, light)
    assert np.hypot(*snow[1:]) < 30
    assert np.hypot(*snow[1:]) <= np.hypot(*other[1:]) + 1e-3
    assert snow[0] > (85 if light == "noon" else 60)


@pytest.mark.parametrize("mood", MOODS)
def test_water_keeps_some_of_its_blue_in_every_mood(mood: str) -> None:
    lake, field = (halves(place, GREEN, BLUE) for place in ("lake", "field"))
    water, other = (colour_of(place, mood, BLUE, "dusk") for place in (lake, field))
    assert water[2] < max(float(other[2]), -40.0) + 1e-3
    assert water[2] < 12
