"""Times of the clock in English prompts as parts of the day: 3 a.m. is night, half past two afternoon."""

from __future__ import annotations

import re

from songdalle_core.hours import NIGHT_SIGHTS, part_of_day

_HOURS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_HOUR = rf"(?P<hour>\d{{1,2}}|{'|'.join(_HOURS)})"
_PARTS = r"(?:in the (?P<part>morning|afternoon|evening)|at (?P<night>night))"
_HALF = r"(?P<half>[ap])\.? ?m\b\.?"
_MINUTES = r"(?:(?::| )\d\d|[ -](?:fifteen|thirty|forty[ -]five))"
_CLOCK = re.compile(
    rf"\b(?P<past>(?:half|(?:a )?quarter|\w+(?: minutes)?) (?:past|to|till|after) )?"
    rf"(?P<said>(?:at|by|til|till|until|around|about|it's|is|from) )?"
    rf"\b{_HOUR}{_MINUTES}?(?P<sharp> o'? ?clock)?(?: ?{_HALF}| {_PARTS})?(?![\w'])"
)
_BEFORE = re.compile(
    r"(?:half|quarter|five|ten|twenty|\d{1,2})(?: minutes)? (?:past|to|till|after) $"
)


def read_clock(text: str) -> tuple[str, str]:
    """The text with each time of the clock said as a part of the day ("night"), and a part for those left open.

    Args:
        text: in lower case.

    Returns:
        The text, and the part of the day for a time of either half of it (two o'clock), which has been taken
        out; "" if there was none.
    """
    if not _CLOCK.search(text):
        return text, ""
    night = not NIGHT_SIGHTS.isdisjoint(re.findall(r"[a-z]+", text))
    open_part = ""

    def part(match: re.Match[str]) -> str:
        nonlocal open_part
        hour = _HOURS.get(match["hour"]) or int(match["hour"])
        past = match["past"] or ""
        clock = bool(match["sharp"] or _BEFORE.search(past))
        named = match["part"] or match["night"]
        early = (
            named == "morning" and 2 <= hour <= 5
        )  # two in the morning, but not: no one at night
        sure = match["said"] or match["hour"].isdigit() or early
        if hour > 24 or not (clock or match["half"] or (named and sure)):
            return match.group()
        if match["half"]:
            named = "am" if match["half"] == "a" else "pm"
        before = past if past and not clock else ""
        if named or hour > 12:
            return f"{before}{part_of_day(hour, named or '')}"
        open_part = open_part or ("night" if night else part_of_day(hour))
        return before

    return _CLOCK.sub(part, text), open_part
