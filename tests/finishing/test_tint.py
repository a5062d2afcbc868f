"""Colours asked for."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from songdalle_core.finishing.content import Content, SubjectLayer
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.drawing import trace
from songdalle_core.finishing.finish import compose
from songdalle_core.finishing.tint import TINTS, tinted
from songdalle_core.moods import MOODS


def hue(colour: np.ndarray) -> float:
    return 360 * colorsys.rgb_to_hsv(*map(float, colour))[0]


def test_the_chief_hue_turns_and_others_stay(fruit: SubjectLayer) -> None:
    drawing = trace(fruit.pixels)
    blue = tinted(drawing, "blue")
    assert abs(hue(drawing.colours[0]) - 31) < 8
    assert abs(hue(blue.colours[0]) - 214) < 5
    np.testing.assert_array_equal(drawing.colours[-1], blue.colours[-1])


@pytest.mark.parametrize("colour", TINTS)
def test_every_colour_can_be_asked_for(fruit: SubjectLayer, colour: str) -> None:
    turned = tinted(trace(fruit.pixels), colour)
    assert turned.colours.min() >= 0
    assert turned.colours.max() <= 1


@pytest.mark.parametrize("mood", MOODS)
def test_a_colour_asked_for_survives_every_mood(fruit: SubjectLayer, mood: str) -> None:
    content = Content((SubjectLayer(fruit.pixels, "emblem", "blue"),))
    scene = compose(content, Direction(mood=mood, device="halves", weather="clear"), 4, 96)
    colour = np.median(scene.picture[scene.subject > 0.95], axis=0)
    assert colour[2] > colour[0]
    assert colour[2] > colour[1]
