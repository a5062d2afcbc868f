"""The five moods of a song, spelt and ordered the same way everywhere."""

from __future__ import annotations

from typing import Literal, TypeGuard, get_args

Mood = Literal["Sadness", "Power", "Tension", "Joyful", "Calmness"]

MOODS: tuple[Mood, ...] = get_args(Mood)


def is_mood(value: object) -> TypeGuard[Mood]:
    """True if `value` is one of `MOODS`, letter for letter."""
    return value in MOODS
