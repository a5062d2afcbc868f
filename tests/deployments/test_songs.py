from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError

from deployments.options import SongsOptions
from deployments.songs import open_catalogue
from songdalle_core import __version__
from songdalle_core.songs import Catalogue, Song
from tests.songs.server import ProviderServer, Reply

TRACK = (
    '[{"id": 1, "trackName": "Lamp", "artistName": "Wicks", "plainLyrics": "la", "duration": 61}]'
)


class OwnProvider:
    """A provider as somebody would write it."""

    name = "own"

    def __init__(self, title: str) -> None:
        self.title = title

    async def search(self, query: str, limit: int) -> list[Song]:
        return [Song(self.name, "1", self.title, query)]

    async def lyrics(self, key: str) -> None:
        return None

    async def close(self) -> None:
        pass


def catalogue(**options: Any) -> Catalogue:
    return open_catalogue(SongsOptions.model_validate(options))


def test_lrclib_is_the_default() -> None:
    assert catalogue().names == ["lrclib"]
    assert catalogue(providers=[]).names == []


def test_melon_needs_consent_and_patience() -> None:
    with pytest.raises(ValidationError, match=r"robots\.txt and terms of use .*consent: true"):
        catalogue(providers=[{"provider": "melon"}])
    with pytest.raises(ValidationError, match="gap_s"):
        catalogue(providers=[{"provider": "melon", "consent": True, "gap_s": 1.9}])
    both = [{"provider": "lrclib"}, {"provider": "melon", "consent": True}]
    assert catalogue(providers=both).names == ["lrclib", "melon"]


def test_melon_is_asked_every_two_seconds_at_most() -> None:
    empty = '<form id="frm_defaultList"></form>'

    async def run() -> list[float]:
        async with ProviderServer({"/search/song/index.htm": [Reply(empty)]}) as server:
            chosen = {"provider": "melon", "consent": True, "address": server.url, "gap_s": 2}
            songs = catalogue(providers=[chosen], contact="https://example.org/covers")
            await asyncio.gather(songs.search("lamp"), songs.search("boat"))
            await songs.close()
            agent = server.asked[0].headers["User-Agent"]
            assert agent == f"SongDALL-E/{__version__} (+https://example.org/covers)"
            return server.times

    first, second = asyncio.run(run())
    assert second - first >= 1.99


def test_addresses_are_configured() -> None:
    async def run() -> list[str]:
        async with ProviderServer({"/api/search": [Reply(TRACK)]}) as server:
            songs = catalogue(providers=[{"provider": "lrclib", "address": server.url}])
            found = [song.id for song in await songs.search("lamp")]
            await songs.close()
            return found

    assert asyncio.run(run()) == ["lrclib:1"]


def test_a_provider_of_ones_own() -> None:
    own = {"provider": "imported", "factory": f"{__name__}:OwnProvider", "settings": {"title": "x"}}
    (song,) = asyncio.run(catalogue(providers=[own]).search("lamp"))
    assert song == Song("own", "1", "x", "lamp")


@pytest.mark.parametrize(
    ("factory", "settings"),
    [("no_such_module:X", {}), (f"{__name__}:Nothing", {}), (f"{__name__}:OwnProvider", {"a": 1})],
)
def test_a_provider_that_cannot_be_made(factory: str, settings: dict[str, Any]) -> None:
    own = {"provider": "imported", "factory": factory, "settings": settings}
    with pytest.raises(ValueError, match="cannot be made"):
        catalogue(providers=[own])


@pytest.mark.parametrize(
    "options",
    [
        {"providers": [{"provider": "other"}]},
        {"providers": [{"provider": "lrclib", "address": "file:///etc"}]},
        {"providers": [{"provider": "imported", "factory": "os.system"}]},
        {"contact": "two\nlines"},
        {"remember": 0},
        {"gap": 1},
    ],
)
def test_options_are_checked(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        catalogue(**options)
