from __future__ import annotations

import pytest

from songdalle_core.hours import part_of_day


@pytest.mark.parametrize(
    ("hour", "said", "part"),
    [
        (2, "dawn", "night"),
        (5, "dawn", "dawn"),
        (7, "morning", "morning"),
        (11, "am", "morning"),
        (12, "am", "midnight"),
        (12, "noon", "noon"),
        (12, "night", "midnight"),
        (2, "daytime", "afternoon"),
        (3, "afternoon", "afternoon"),
        (6, "pm", "evening"),
        (9, "evening", "night"),
        (11, "night", "night"),
        (1, "night", "night"),
        (0, "", "midnight"),
        (24, "", "midnight"),
        (15, "", "afternoon"),
        (23, "", "night"),
        (3, "", "afternoon"),
        (8, "", "evening"),
        (10, "", "night"),
        (12, "", "midnight"),
    ],
)
def test_parts_of_the_day(hour: int, said: str, part: str) -> None:
    assert part_of_day(hour, said) == part
