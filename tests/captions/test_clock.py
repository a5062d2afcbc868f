from __future__ import annotations

import pytest

from songdalle_core.captions.clock import read_clock


@pytest.mark.parametrize(
    ("text", "read", "left_open"),
    [
        ("3 a.m. on an empty street", "night on an empty street", ""),
        ("it's 3am and raining", "night and raining", ""),
        ("three a.m. coffee", "night coffee", ""),
        ("11:30 pm in the city", "night in the city", ""),
        ("7 p.m.", "evening", ""),
        ("12:30 a.m.", "midnight", ""),
        ("two birds at 5 am", "two birds dawn", ""),
        ("two in the morning", "night", ""),
        ("at six in the evening", "evening", ""),
        ("quarter to five in the morning by the sea", "dawn by the sea", ""),
        ("two o'clock at night", "night", ""),
        ("half past two on the bridge", " on the bridge", "afternoon"),
        ("five o'clock shadows", " shadows", "afternoon"),
        ("ten past six", "", "evening"),
        ("2 o'clock under the moon", " under the moon", "night"),
        ("12 o clock bells", " bells", "midnight"),
        # no times
        ("no one in the morning", "no one in the morning", ""),
        ("just us two at night", "just us two at night", ""),
        ("24/7 on my mind", "24/7 on my mind", ""),
        ("nine to five", "nine to five", ""),
        ("three cats at midnight", "three cats at midnight", ""),
        ("three hours of rain", "three hours of rain", ""),
        ("i am 20 years old", "i am 20 years old", ""),
        ("99 red balloons", "99 red balloons", ""),
        ("", "", ""),
    ],
)
def test_times_of_the_clock(text: str, read: str, left_open: str) -> None:
    assert read_clock(text) == (read, left_open)
