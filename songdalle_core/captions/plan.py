"""From what a prompt names to what one candidate is made of: its layers and how they are to look.

Everything that is not said, and that candidates should differ in, is drawn from the candidate's seed: whose
hand draws the subject, which drawing of the place, an abstract ground where nothing is named. How the layers
are composed, lit and painted is the finish's work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from songdalle_core.captions.layers import ground_caption, subject_caption
from songdalle_core.captions.recaptioning import Reading, Recaptioner
from songdalle_core.captions.vocabulary import LIGHT, MOOD, STYLE, WEATHER, Subject
from songdalle_core.moods import MOODS

ABSTRACT = {
    None: ("fields", "waves", "circles", "rays", "stripes", "cells"),
    "Sadness": ("fields", "waves", "circles"),
    "Power": ("rays", "stripes", "circles"),
    "Tension": ("stripes", "rays", "cells"),
    "Joyful": ("circles", "rays", "cells", "waves"),
    "Calmness": ("waves", "fields", "circles"),
}
"""Grounds that show nothing but a mood, for lyrics without a thing to show."""
BARE = 0.65
"""Share of the candidates of a subject without a place that stand before a plain field of colour."""
_STREAM = 11  # of the candidate's seed: no other decision draws from it


@dataclass(frozen=True)
class PlannedSubject:
    """A subject, whose hand draws it, and its colour; see `vocabulary.Subject` for the rest."""

    name: str
    hand: str
    stance: str
    colour: str | None = None
    mirrors: bool = True


@dataclass(frozen=True)
class PlannedGround:
    """A place and which of its drawings."""

    place: str
    variant: int


@dataclass(frozen=True)
class Plan:
    """What a candidate shows; None is left to the finish.

    Attributes:
        subjects: none to two.
        ground: None for a plain field of colour.
    """

    subjects: tuple[PlannedSubject, ...]
    ground: PlannedGround | None
    style: str | None = None
    mood: str | None = None
    light: str | None = None
    weather: str | None = None

    @property
    def captions(self) -> tuple[str, ...]:
        """A caption for each layer that is drawn, the ground's last."""
        grounds = (
            () if self.ground is None else (ground_caption(self.ground.place, self.ground.variant),)
        )
        return (
            *(subject_caption(subject.name, subject.hand) for subject in self.subjects),
            *grounds,
        )


class Planner:
    """Plans candidates of prompts; safe to share between threads."""

    def __init__(self, recaptioner: Recaptioner) -> None:
        self._recaptioner = recaptioner
        self._subjects = {subject.name: subject for subject in recaptioner.vocabulary.subjects}
        self._drawings = recaptioner.vocabulary.grounds

    def plan(self, prompt: str, seed: int) -> Plan:
        """The candidate of a prompt with this seed; the same each time."""
        reading = self._recaptioner.read(prompt)
        rng = np.random.Generator(np.random.Philox(key=seed + (_STREAM << 64)))
        subjects = tuple(
            self._planned(self._subjects[name], colour, rng) for name, colour in reading.subjects
        )
        mood = reading.first(MOOD)
        return Plan(
            subjects,
            self._ground(reading, rng),
            reading.first(STYLE),
            mood if mood in MOODS else None,
            reading.first(LIGHT),
            reading.first(WEATHER),
        )

    def _planned(self, subject: Subject, colour: str, rng: np.random.Generator) -> PlannedSubject:
        hand = subject.hands[int(rng.integers(len(subject.hands)))]
        return PlannedSubject(subject.name, hand, subject.stance, colour or None, subject.mirrors)

    def _ground(self, reading: Reading, rng: np.random.Generator) -> PlannedGround | None:
        place, plain = reading.home, float(rng.random()) < BARE
        if reading.scenes:
            place = reading.scenes[int(rng.integers(len(reading.scenes)))]
        elif not place:
            if reading.subjects and plain:
                return None
            options = ABSTRACT.get(reading.first(MOOD), ABSTRACT[None])
            place = options[int(rng.integers(len(options)))]
        return PlannedGround(place, int(rng.integers(self._drawings[place])))
