"""What a scene shows, in words."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.training.scenes.art import Concept
from songdalle_core.moods import Mood


@dataclass(frozen=True)
class SceneSpec:
    """What a scene shows; none of it depends on the picture's size.

    Attributes:
        concept: the subject; None for a setting alone.
        second: another subject beside it.
        setting: one of `phrases.PLACES`; None for a subject before plain colour or shapes.
        light, weather: of `songdalle_core.finishing`; None where none can be told, as without a place.
        mood: one of the five moods, or none.
        style: one of `songdalle_core.finishing.styles.STYLES`.
        colour: what the subject is painted in, one of `COLOURS`; None for its own colours.
    """

    concept: Concept | None
    second: Concept | None
    setting: str | None
    light: str | None
    weather: str | None
    mood: Mood | None
    style: str = "painting"
    colour: str | None = None
