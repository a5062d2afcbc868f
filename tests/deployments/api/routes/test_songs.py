"""The routes of songs over providers that answer from memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.testclient import TestClient

from deployments.api import problems
from deployments.api.routes import songs
from deployments.api.routes.songs import open_catalogue
from deployments.config.songs import SongsOptions
from songdalle_core import __version__
from songdalle_core.songs import (
    Catalogue,
    Missing,
    ProviderBusy,
    ProviderFailed,
    Song,
    SongLyrics,
    SongsError,
)
from tests.songs.server import ProviderServer, Reply

LAMP = Song("shelf", "1", "Lamp", "The Wicks", "Small Lights", 191)


class MemoryProvider:
    """Knows one song, or fails."""

    name = "shelf"

    def __init__(self, error: SongsError | None = None, missing: Missing | None = None) -> None:
        self.asked: list[str] = []
        self.closed = 0
        self._error = error
        self._missing = missing

    async def search(self, query: str, limit: int) -> list[Song]:
        self.asked.append(query)
        if self._error:
            raise self._error
        return [LAMP] if "lamp" in query else []

    async def lyrics(self, key: str) -> SongLyrics | None:
        if self._error:
            raise self._error
        words = None if self._missing else "a lamp\non the hill"
        return SongLyrics(LAMP, words, self._missing) if key == "1" else None

    async def close(self) -> None:
        self.closed += 1


def serve(*providers: MemoryProvider) -> TestClient:
    app = FastAPI()
    app.include_router(songs.build(Catalogue(providers)))
    problems.install(app)
    return TestClient(app, raise_server_exceptions=False)


def refused(client: TestClient, path: str, status: int) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == problems.MEDIA_TYPE
    return response.json()


def test_songs_are_found() -> None:
    provider = MemoryProvider()
    response = serve(provider).get("/v1/songs", params={"q": " the  lamp"})
    assert response.status_code == 200
    assert response.json() == {
        "songs": [
            {
                "id": "shelf:1", "provider": "shelf", "title": "Lamp", "artist": "The Wicks",
                "album": "Small Lights", "seconds": 191,
            }
        ]
    }  # fmt: skip
    assert provider.asked == ["the lamp"]


def test_nothing_found_is_an_empty_list() -> None:
    assert serve(MemoryProvider()).get("/v1/songs?q=boat").json() == {"songs": []}


def test_a_song_has_its_lyrics() -> None:
    song = serve(MemoryProvider()).get("/v1/songs/shelf:1").json()
    assert song["lyrics"] == "a lamp\non the hill"
    assert song["id"] == "shelf:1"


@pytest.mark.parametrize("q", ["", " ", "?!", "x" * 201])
def test_a_search_must_say_something(q: str) -> None:
    problem = refused(serve(MemoryProvider()), f"/v1/songs?q={q}", 422)
    assert [error["field"] for error in problem["errors"]] == ["q"]


def test_a_search_needs_a_text() -> None:
    assert refused(serve(MemoryProvider()), "/v1/songs", 422)["errors"][0]["field"] == "q"


@pytest.mark.parametrize("song", ["shelf:2", "other:1", "nonsense", "shelf:%00", "a:..%2F"])
def test_there_is_no_such_song(song: str) -> None:
    refused(serve(MemoryProvider()), f"/v1/songs/{song}", 404)


@pytest.mark.parametrize(
    ("missing", "detail"),
    [("instrumental", "instrumental"), ("adults_only", "adults"), ("no_lyrics", "has none")],
)
def test_a_song_without_lyrics_says_why(missing: Missing, detail: str) -> None:
    assert (
        detail
        in refused(serve(MemoryProvider(missing=missing)), "/v1/songs/shelf:1", 404)["detail"]
    )


@pytest.mark.parametrize("path", ["/v1/songs?q=lamp", "/v1/songs/shelf:1"])
def test_a_provider_that_is_down(path: str) -> None:
    problem = refused(serve(MemoryProvider(ProviderFailed("Shelf does not answer"))), path, 502)
    assert problem["detail"].startswith("Shelf does not answer; paste")
    assert problem["type"].endswith(":lyrics-provider")


@pytest.mark.parametrize("path", ["/v1/songs?q=lamp", "/v1/songs/shelf:1"])
def test_a_provider_that_is_busy(path: str) -> None:
    response = serve(MemoryProvider(ProviderBusy("Shelf asks to wait", 41.2))).get(path)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "42"
    assert response.json()["type"].endswith(":lyrics-busy")


@pytest.mark.parametrize("path", ["/v1/songs?q=lamp", "/v1/songs/shelf:1"])
def test_a_search_that_is_switched_off(path: str) -> None:
    assert "switched off" in refused(serve(), path, 404)["detail"]


def test_connections_end_with_the_application() -> None:
    provider = MemoryProvider()
    with serve(provider) as client:
        client.get("/v1/songs?q=lamp")
        assert provider.closed == 0
    assert provider.closed == 1


def test_the_document_has_every_status() -> None:
    document = serve(MemoryProvider()).get("/openapi.json").json()
    for path in ("/v1/songs", "/v1/songs/{song_id}"):
        responses: Callable[[], Any] = document["paths"][path]["get"]["responses"]
        assert set(responses) == {"200", "404", "422", "500", "502", "503"}


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
            ids = [song.id for song in await songs.search("lamp")]
            await songs.close()
            return ids

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
