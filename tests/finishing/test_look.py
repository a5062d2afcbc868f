"""Looks: lights and moods by the names the rest of the project uses."""

from __future__ import annotations

import numpy as np

from scripts.training.caption_vocabulary import vocabulary
from songdalle_core.captions.vocabulary import LIGHT, WEATHER
from songdalle_core.finishing.colour import of_hex, to_lab
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.grading import GRADES
from songdalle_core.finishing.lights import LIGHTS
from songdalle_core.finishing.look import choose_look
from songdalle_core.finishing.weather import WEATHERS
from songdalle_core.moods import MOODS


def test_names_are_those_of_the_captions() -> None:
    circumstances = vocabulary().circumstances.values()
    assert set(GRADES) == {None, *MOODS}
    said = {kind: {value for of, value in circumstances if of == kind} for kind in (LIGHT, WEATHER)}
    assert said[LIGHT] <= set(LIGHTS)
    assert said[WEATHER] <= set(WEATHERS)
    for grade in GRADES.values():
        assert set(grade.lights) <= set(LIGHTS)
        assert set(grade.weathers) <= set(WEATHERS)


def test_ramps_run_from_dark_to_light() -> None:
    for grade in GRADES.values():
        for ramp in grade.ramps:
            assert (np.diff(to_lab(of_hex(ramp))[:, 0]) > 0).all()


def test_a_subject_keeps_its_own_hues() -> None:
    colours = of_hex(["f2a03c", "3c78f2", "3cb464", "d23c3c"])  # orange, blue, green, red
    hues = np.arctan2(*to_lab(colours)[:, :0:-1].T)
    for mood in (None, *MOODS):
        for light in LIGHTS:
            look = choose_look(Direction(mood=mood, light=light), 1)
            turned = to_lab(look.of_subject(colours))
            change = np.angle(np.exp(1j * (np.arctan2(turned[:, 2], turned[:, 1]) - hues)))
            assert np.median(np.degrees(np.abs(change))) < 35


def test_space_is_dark_unless_asked() -> None:
    for seed in range(8):
        assert choose_look(Direction(), seed, "space").light.stars
    assert not choose_look(Direction(light="noon"), 1, "space").light.stars
