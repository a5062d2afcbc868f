"""The look of a cover: one light and one mood, and the colours they make of everything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from songdalle_core.finishing.colour import mixed, of_hex, to_lab, to_rgb
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.grading import GRADES, Grade, graded
from songdalle_core.finishing.lights import LIGHTS, Light
from songdalle_core.finishing.scene import Floats
from songdalle_core.finishing.streams import stream

LAMP = of_hex(["ffd666"])[0]
"""The colour by which ground layers mark lamps and lit windows."""
_ALWAYS_DARK = ("space",)
_GLASS = of_hex(["cce0ea"])[0]
_SUBJECT_LIT = 0.28  # share of the light's tint a subject takes: its own colours must be told
_SUBJECT_REACH = 0.5  # share of the mood's lightness and saturation, likewise


@dataclass(frozen=True)
class Look:
    """Colours of a cover, all sRGB.

    Attributes:
        light, grade: where they come from.
        ramp: (5, 3): the picture's colours, dark to light.
        top, horizon, sun: of the sky and of the sun or moon, (3,) each.
        mood: the mood's name.
    """

    light: Light
    grade: Grade
    ramp: Floats
    top: Floats
    horizon: Floats
    sun: Floats
    mood: str | None

    @property
    def dark(self) -> bool:
        """Whether the light is a dim one."""
        return sum(self.light.ground) < 1.9

    @property
    def brightness(self) -> float:
        """Of the light on the ground, 1 for plain day."""
        return min(1.0, sum(self.light.ground) / 3)

    def of_ground(self, colours: Floats, lit: float = 1.0) -> Floats:
        """A ground's colours (N, 3) in this look; shapes that are no place take less of its light."""
        factors = 1 + lit * (np.array(self.light.ground, dtype=np.float32) - 1)
        lab = to_lab(graded(colours * factors, self.grade, self.ramp, self.grade.ground))
        lab[..., 0] *= 0.6 + 0.4 * self.grade.zenith
        return to_rgb(lab)

    def of_lamp(self, colour: Floats) -> Floats:
        """A lamp's or window's colour, given what the look makes of it unlit: shining, or pale glass."""
        if self.light.lamps:
            return mixed(LAMP, self.ramp[4], 0.35 * self.grade.sky)
        return mixed(colour, _GLASS, 0.6)

    def of_subject(self, colours: Floats, asked: bool = False) -> Floats:
        """A subject's colours (N, 3) in this look: its hues stay recognisable, more so if asked for."""
        factors = 1 + _SUBJECT_LIT * (np.array(self.light.ground, dtype=np.float32) - 1)
        pull, reach = self.grade.subject, _SUBJECT_REACH
        if asked:
            pull, reach = 0.15 * pull, 0.6 * reach
        return graded(colours * factors, self.grade, self.ramp, pull, reach)

    def shade(self, step: float) -> Floats:
        """A colour of the ramp: 0 its darkest to 4 its lightest."""
        below = int(np.clip(np.floor(step), 0, 3))
        return mixed(self.ramp[below], self.ramp[below + 1], step - below)


def choose_look(direction: Direction, seed: int, place: str | None = None) -> Look:
    """The look that a direction asks for; what it leaves open, the seed decides, led by the mood.

    Args:
        direction: what is asked for.
        seed: decides the rest.
        place: of the ground: some have a light of their own.

    Raises:
        ValueError: there is no such mood or light.
    """
    if direction.mood not in GRADES:
        raise ValueError(f"unknown mood {direction.mood!r}")
    chance = stream(seed, "light")
    grade = GRADES[direction.mood]
    name = grade.lights[int(chance.integers(len(grade.lights)))]
    ramp = of_hex(grade.ramps[int(chance.integers(len(grade.ramps)))])
    if place in _ALWAYS_DARK and not LIGHTS[name].stars:
        name = "starry"
    if direction.light is not None:
        name = direction.light
    if name not in LIGHTS:
        raise ValueError(f"unknown light {name!r}: one of {', '.join(LIGHTS)}")
    light = LIGHTS[name]
    sky = graded(of_hex((light.top, light.horizon, light.sun)), grade, ramp, grade.sky)
    sun = to_lab(sky[2])
    sun[0] = max(sun[0], min(96.0, grade.high + 10))
    top = to_lab(sky[0])
    top[0] *= grade.zenith
    return Look(light, grade, ramp, to_rgb(top), sky[1], to_rgb(sun), direction.mood)
