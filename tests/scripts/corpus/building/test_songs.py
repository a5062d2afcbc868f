from __future__ import annotations

from dataclasses import replace

import pytest

from scripts.corpus.building.songs import FoundSong, cleaned, year_of

SONG = FoundSong(
    "a", "등불", "심지", "[Verse 1]\n언덕 위에 등불 하나!!\n\n눈이 내려", "test", "ours", 1994
)


def test_lyrics_are_cleaned_as_the_service_cleans_them() -> None:
    song = cleaned((SONG,))[0]
    assert song.lyric == "언덕 위에 등불 하나\n눈이 내려"
    assert (song.status, song.language, song.group, song.decade) == (
        "kept",
        "ko",
        "korean",
        "1990s",
    )
    assert "missing" not in song.row()


def test_languages_make_the_two_groups() -> None:
    texts = ("바다에 눈이 내려와 and i go my way tonight", "the sea is calm tonight")
    mixed, english = cleaned(tuple(replace(SONG, lyric=text) for text in texts))
    assert (mixed.language, mixed.group) == ("mixed", "korean")
    assert (english.language, english.group) == ("en", "foreign")
    assert 0 < (mixed.korean_share or 0) < 1


@pytest.mark.parametrize(
    ("lyric", "missing", "reason"),
    [
        (None, "adults_only", "adults_only"),
        ("静かな海", None, "unreadable"),
        ("  ", None, "no_lyrics"),
    ],
)
def test_a_song_without_words_is_kept_empty(lyric: str, missing: None, reason: str) -> None:
    song = cleaned((replace(SONG, lyric=lyric, missing=missing),))[0]
    assert (song.status, song.lyric, song.group, song.missing) == ("empty", "", None, reason)


def test_a_year_is_found_where_there_is_one() -> None:
    assert [year_of(text) for text in ("1994", "2003-05-01", "1990s", "12", "94")] == [
        1994, 2003, 1990, None, None,
    ]  # fmt: skip
