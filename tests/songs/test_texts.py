from __future__ import annotations

import unicodedata

import pytest

from songdalle_core.songs.provider import MAX_LYRICS
from songdalle_core.songs.texts import tidy_lyrics, tidy_name, tidy_query


@pytest.mark.parametrize(
    ("pasted", "plain"),
    [
        ("[00:01.00]A lamp\n[00:04.50] on the hill", "A lamp\non the hill"),
        ("[ar:Nobody]\n[00:01.00]<00:01.00>A <00:01.40>lamp", "A lamp"),
        ("[Verse 1]\nA lamp\n(간주중)\n\nLyrics by John Kim", "A lamp"),
        ("작사 : 김하늘\n작곡 : 이바다", ""),
    ],
)
def test_lyrics_are_what_is_sung(pasted: str, plain: str) -> None:
    assert tidy_lyrics(pasted) == plain


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
    for tidy in (tidy_query, tidy_name):
        assert tidy(unicodedata.normalize("NFD", "등불  언덕")) == "등불 언덕"
