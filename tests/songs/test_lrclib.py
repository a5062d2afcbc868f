from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from songdalle_core.songs.fetching import Courtesy, Fetcher, user_agent
from songdalle_core.songs.lrclib import Lrclib
from songdalle_core.songs.provider import ProviderFailed, Song
from tests.songs.server import ProviderServer, Reply

LAMP: dict[str, Any] = {
    "id": 4711,
    "name": "Lamp",
    "trackName": "Lamp on the Hill",
    "artistName": "The Wicks",
    "albumName": "Small Lights",
    "duration": 190.6,
    "instrumental": False,
    "plainLyrics": "A lamp on the hill\nfor the boats below",
    "syncedLyrics": "[00:01.00] A lamp on the hill\n[00:04.00] for the boats below",
}


def ask(replies: dict[str, Reply], use: Callable[[Lrclib, ProviderServer], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with ProviderServer({path: [reply] for path, reply in replies.items()}) as server:
            fetcher = Fetcher("LRCLIB", user_agent(), Courtesy(gap=0, attempts=1, patience=5))
            provider = Lrclib(fetcher, server.url)
            try:
                return await use(provider, server)
            finally:
                await provider.close()

    return asyncio.run(run())


def search(*tracks: Any, limit: int = 20) -> list[Song]:
    async def use(provider: Lrclib, server: ProviderServer) -> Any:
        songs = await provider.search("lamp wicks", limit)
        assert server.questions == [{"q": "lamp wicks"}]
        return songs

    return ask({"/api/search": Reply(json.dumps(tracks))}, use)


def lyrics(track: Any, key: str = "4711") -> Any:
    async def use(provider: Lrclib, _: ProviderServer) -> Any:
        return await provider.lyrics(key)

    return ask({"/api/get/4711": Reply(json.dumps(track))}, use)


def test_a_song_is_found() -> None:
    (song,) = search(LAMP)
    assert song == Song("lrclib", "4711", "Lamp on the Hill", "The Wicks", "Small Lights", 191)
    assert song.id == "lrclib:4711"


def test_nothing_is_found() -> None:
    assert search() == []


def test_songs_without_lyrics_and_copies_are_left_out() -> None:
    copy = LAMP | {"id": 4712, "albumName": "Best Of", "artistName": "THE WICKS"}
    other = LAMP | {"id": 4713, "plainLyrics": "Another song"}
    silent = LAMP | {"id": 4714, "instrumental": True, "plainLyrics": None, "syncedLyrics": None}
    assert [song.key for song in search(LAMP, copy, silent, other)] == ["4711", "4713"]
    assert len(search(LAMP, other, limit=1)) == 1


@pytest.mark.parametrize(
    "broken",
    [
        None,
        7,
        [],
        {},
        {"id": "x"},
        LAMP | {"id": -1},
        LAMP | {"trackName": None},
        LAMP | {"duration": "?"},
    ],
    ids=repr,
)
def test_a_broken_entry_does_not_hide_the_others(broken: Any) -> None:
    assert [song.key for song in search(broken, LAMP)] == ["4711"]


def test_optional_fields_may_be_missing() -> None:
    bare = {"id": 1, "trackName": "Lamp", "artistName": "W", "plainLyrics": "la"}
    assert search(bare) == [Song("lrclib", "1", "Lamp", "W")]


def test_lyrics_are_plain() -> None:
    result = lyrics(LAMP)
    assert result.lyrics == "A lamp on the hill\nfor the boats below"
    assert result.missing is None
    assert result.song.title == "Lamp on the Hill"


def test_synced_lyrics_lose_their_tags() -> None:
    assert lyrics(LAMP | {"plainLyrics": None}).lyrics == "A lamp on the hill\nfor the boats below"
    assert lyrics(LAMP | {"plainLyrics": LAMP["syncedLyrics"]}).lyrics == lyrics(LAMP).lyrics


@pytest.mark.parametrize(
    ("instrumental", "missing"), [(True, "instrumental"), (False, "no_lyrics")]
)
def test_a_song_without_lyrics(instrumental: bool, missing: str) -> None:
    result = lyrics(LAMP | {"plainLyrics": "", "syncedLyrics": None, "instrumental": instrumental})
    assert (result.lyrics, result.missing) == (None, missing)


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("作词 : 김하늘\n作曲 : 이바다", "no_lyrics"),
        ("[00:00.00]纯音乐，请欣赏", "instrumental"),
        ("[Instrumental]", "instrumental"),
        ("[Verse 1]\n[Chorus]", "no_lyrics"),
    ],
)
def test_a_track_in_which_nothing_is_sung(words: str, missing: str) -> None:
    for field in ("plainLyrics", "syncedLyrics"):
        other = LAMP | {"plainLyrics": None, "syncedLyrics": None, field: words}
        result = lyrics(other)
        assert (result.lyrics, result.missing) == (None, missing)


@pytest.mark.parametrize("key", ["1", "x", "../4711", "47 11", "4" * 13, ""])
def test_no_such_song(key: str) -> None:
    assert lyrics(LAMP, key) is None


@pytest.mark.parametrize("body", ["<html>", "", "{", "[" * 10_000, "{}", '{"a": 1}', "3"])
def test_malformed_answers(body: str) -> None:
    async def use(provider: Lrclib, _: ProviderServer) -> None:
        with pytest.raises(ProviderFailed):
            await provider.search("lamp", 20)
        with pytest.raises(ProviderFailed):
            await provider.lyrics("4711")

    ask({"/api/search": Reply(body), "/api/get/4711": Reply(body)}, use)


def test_a_server_error_is_passed_on() -> None:
    async def use(provider: Lrclib, _: ProviderServer) -> None:
        with pytest.raises(ProviderFailed, match="LRCLIB answers with status 502"):
            await provider.search("lamp", 20)

    ask({"/api/search": Reply(status=502)}, use)
