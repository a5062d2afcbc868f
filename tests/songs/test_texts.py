from __future__ import annotations

import unicodedata

import pytest

from songdalle_core.songs.provider import MAX_LYRICS
from songdalle_core.songs.texts import tidy_lyrics, tidy_name, tidy_query, without_time_tags


@pytest.mark.parametrize(
    ("timed", "plain"),
    [
        ("[00:01.00]A lamp\n[00:04.50] on the hill", "A lamp\non the hill"),
        ("[00:01]등불 하나\n[00:04:50]언덕 위에", "등불 하나\n언덕 위에"),
        ("[ar:Nobody]\n[ti: Lamp]\n[length: 03:10]\n[00:01.00]A lamp", "A lamp"),
        ("[00:01.00]<00:01.00>A <00:01.40>lamp <00:02.00>glows", "A lamp glows"),
        ("[00:01.00]\n[00:02.00]A lamp", "\nA lamp"),
        ("[100:59.999]late", "late"),
        ("no tags\nat all", "no tags\nat all"),
        ("[Verse 1]\n[12] ten to <three>", "[Verse 1]\n[12] ten to <three>"),
    ],
)
def test_time_tags_go(timed: str, plain: str) -> None:
    assert without_time_tags(timed) == plain


def test_a_line_with_two_times_is_sung_twice() -> None:
    timed = "[00:02.00][00:09.00]come home\n(softly)\n[00:01.00]the lamp is lit\n[00:05.00]it snows"
    assert without_time_tags(timed).split("\n") == [
        "the lamp is lit", "come home", "(softly)", "it snows", "come home",
    ]  # fmt: skip


def test_lyrics_are_tidy() -> None:
    assert tidy_lyrics("\n one \r\ntwo\x00\r\n\n\n\n\nthree\ud800\t! \n") == "one\ntwo\n\nthree? !"


def test_lyrics_end_with_a_whole_line() -> None:
    line = "snow on the river and a boat below"
    long = "\n".join([line] * 1000)
    tidy = tidy_lyrics(long)
    assert MAX_LYRICS - len(line) - 1 <= len(tidy) <= MAX_LYRICS
    assert set(tidy.split("\n")) == {line}
    assert len(tidy_lyrics("x" * (MAX_LYRICS + 1))) == MAX_LYRICS


def test_names_are_one_short_line() -> None:
    assert tidy_name(" Lamp\n on\tthe  hill ") == "Lamp on the hill"
    assert len(tidy_name("x" * 999)) == 200


def test_queries_are_composed() -> None:
    assert tidy_query(unicodedata.normalize("NFD", "등불  언덕")) == "등불 언덕"
