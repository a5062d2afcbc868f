"""Numbers of lines and stanzas."""

import pytest

from songdalle_core.pasted.numbering import without_numbers

LINES = ["A lamp is burning", "it snows on the pier", "a bird on the sill", "the boats are in"]
MANY = [*LINES, "the bell is still", "nobody knows"]


@pytest.mark.parametrize("form", ["{}. ", "{}) ", "({}) ", "{}.", " {}  ", "{}\t", "{} | "])
def test_numbers_before_every_line_go(form: str) -> None:
    numbered = [form.format(number) + line for number, line in enumerate(LINES, start=1)]
    assert without_numbers(numbered) == LINES
    assert without_numbers([form.format(12) + LINES[0], form.format(13) + LINES[1]]) != LINES[:2]


def test_many_numbers_need_no_sign() -> None:
    assert without_numbers([f"{n} {line}" for n, line in enumerate(MANY, start=9)]) == MANY


def test_numbers_of_stanzas_go() -> None:
    hymn = [f"1. {LINES[0]}", LINES[1], "", f"2. {LINES[2]}", LINES[3]]
    assert without_numbers(hymn) == [*LINES[:2], "", *LINES[2:]]


def test_every_fifth_number_behind_a_line_goes() -> None:
    assert without_numbers([*MANY[:4], f"{MANY[4]}      5", MANY[5]]) == MANY


@pytest.mark.parametrize(
    "lines",
    [
        ["1 for the money", "2 for the show", "3 to get ready", "4 to go"],
        ["3 2 1 and the rocket goes", "4 stars fall"],
        ["1. a door", "2. a key", "and nobody home"],
        ["7 days", "8 nights", "12 letters"],
        ["1994 was the flood", "1995 was the drought", "1996 was the wedding"],
        ["10,000 candles", "10,001 candles"],
        ["I am   5", "I was   4"],
        ["route   66"],
        [""],
    ],
)
def test_other_numbers_stay(lines: list[str]) -> None:
    assert without_numbers(lines) == lines
