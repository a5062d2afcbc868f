from __future__ import annotations

import pytest

from songdalle_core.moods import MOODS, is_mood


def test_the_five_moods_in_their_order() -> None:
    assert MOODS == ("Sadness", "Power", "Tension", "Joyful", "Calmness")


@pytest.mark.parametrize("value", ["sadness", "Joy", "", None, 3])
def test_nothing_else_is_a_mood(value: object) -> None:
    assert not is_mood(value)
    assert all(is_mood(mood) for mood in MOODS)
