"""Hours as times of day: 새벽 두 시 is night, 세 시 the afternoon, 밤 열두 시 midnight.

A picture shows no clock's hand but the light of the hour. Where lyrics leave open which half of the day they
mean, it is the afternoon or night: songs are sung about those, and mornings are called so (아침 일곱 시).
"""

from __future__ import annotations

from songdalle_core.wordsets import word_set

_BEFORE_NOON = word_set("morning am")
_AFTER_NOON = word_set("afternoon evening dusk sunset twilight pm")
_MIDDAY = word_set("noon midday daytime")
_NIGHT = word_set("night midnight tonight")
_DAWN = word_set("dawn daybreak sunrise")
DAY_PARTS = _BEFORE_NOON | _AFTER_NOON | _MIDDAY | _NIGHT | _DAWN
"""Head words that say which part of the day it is."""
NIGHT_SIGHTS = word_set(
    "moon moonlight star starlight lamp streetlight neon candle candlelight firefly owl darkness dream"
)
"""Head words of what is seen by night: 두 시의 달빛 is no afternoon."""
# the first hour of each part, and the part
_PARTS = (
    (21, "night"), (18, "evening"), (13, "afternoon"), (12, "noon"), (7, "morning"), (4, "dawn"),
    (1, "night"), (0, "midnight"),
)  # fmt: skip


def part_of_day(hour: int, said: str = "") -> str:
    """English for the time of day at `hour` (0 to 24).

    Args:
        hour: as it is said, of twelve or of twenty-four.
        said: what was said of the day beside it, of `DAY_PARTS`; "" for nothing.
    """
    hour = _of_twenty_four(hour, said)
    return next(part for first, part in _PARTS if hour >= first)


def _of_twenty_four(hour: int, said: str) -> int:
    if hour > 12 or hour == 0:
        return hour % 24
    if said in _BEFORE_NOON or said in _DAWN:
        return hour % 12
    if said in _NIGHT:
        return hour % 12 + (12 if 6 <= hour < 12 else 0)
    if said in _MIDDAY:
        return hour if hour >= 9 else hour + 12
    if said in _AFTER_NOON:
        return hour % 12 + 12
    return (hour + 12) % 24
