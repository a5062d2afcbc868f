"""Timed lyrics of every format mean what their plain text means."""

from pathlib import Path

import pytest

from songdalle_core.pasted.timing import without_times

DATA = Path(__file__).parents[1] / "data" / "pasted" / "timed.txt"
FILES = DATA.read_text(encoding="utf-8").removesuffix("\n").split("\n----\n")


def test_there_is_a_file_of_every_format() -> None:
    assert len(FILES) >= 25


def sung(text: str) -> list[str]:
    return [line for line in without_times(text.split("\n")) if line.strip()]


WORDS = ["A lamp", "on the hill", "it snows"]


@pytest.mark.parametrize("text", FILES, ids=range(len(FILES)))
def test_every_format_is_its_words(text: str) -> None:
    assert sung(text) == WORDS


def test_korean_syllables_are_joined_as_they_are_sung() -> None:
    assert sung("[00:01.00]<00:01.00>노<00:01.20>란 <00:01.40>풍<00:01.60>선") == ["노란 풍선"]


def test_a_line_with_two_times_is_sung_twice() -> None:
    timed = "[00:02.00][00:09.00]come home\n(softly)\n[00:01.00]the lamp is lit\n[00:05.00]it snows"
    assert sung(timed) == ["the lamp is lit", "come home", "(softly)", "it snows", "come home"]


def test_a_number_that_is_sung_stays_in_its_cue() -> None:
    text = "1\n00:00:01,000 --> 00:00:03,000\n99\n\n2\n00:00:03,000 --> 00:00:05,000\nballoons"
    assert sung(text) == ["99", "balloons"]


@pytest.mark.parametrize(
    "text",
    [
        "no tags\nat all",
        "[Verse 1]\n[12] ten to <three>",
        "12:30, I wait for you",
        "7:00 coffee\n8:15 a train\n9:30 the sea\n10:00 nothing",
        "9:41 the kettle\n3:12 the door\n1:07 the stars",
        "10 > 9 > 8 the fireworks count",
        ": and then\n* star",
    ],
)
def test_text_without_times_stays(text: str) -> None:
    assert without_times(text.split("\n")) == text.split("\n")
