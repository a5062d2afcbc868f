"""The routes of songs over providers that answer from memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from deployments import problems
from deployments.routes import songs
from songdalle_core.songs import (
    Catalogue,
    Missing,
    ProviderBusy,
    ProviderFailed,
    Song,
    SongLyrics,
    SongsError,
)

LAMP = Song("shelf", "1", "Lamp", "The Wicks", "Small Lights", 191)


class Shelf:
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


def serve(*shelves: Shelf) -> TestClient:
    app = FastAPI()
    app.include_router(songs.build(Catalogue(shelves)))
    problems.install(app)
    return TestClient(app, raise_server_exceptions=False)


def refused(client: TestClient, path: str, status: int) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == problems.MEDIA_TYPE
    return response.json()


def test_songs_are_found() -> None:
    shelf = Shelf()
    found = serve(shelf).get("/v1/songs", params={"q": " the  lamp"})
    assert found.status_code == 200
    assert found.json() == {
        "songs": [
            {
                "id": "shelf:1", "provider": "shelf", "title": "Lamp", "artist": "The Wicks",
                "album": "Small Lights", "seconds": 191,
            }
        ]
    }  # fmt: skip
    assert shelf.asked == ["the lamp"]


def test_nothing_found_is_an_empty_list() -> None:
    assert serve(Shelf()).get("/v1/songs?q=boat").json() == {"songs": []}


def test_a_song_has_its_lyrics() -> None:
    found = serve(Shelf()).get("/v1/songs/shelf:1").json()
    assert found["lyrics"] == "a lamp\non the hill"
    assert found["id"] == "shelf:1"


@pytest.mark.parametrize("q", ["", " ", "?!", "x" * 201])
def test_a_search_must_say_something(q: str) -> None:
    problem = refused(serve(Shelf()), f"/v1/songs?q={q}", 422)
    assert [error["field"] for error in problem["errors"]] == ["q"]


def test_a_search_needs_a_text() -> None:
    assert refused(serve(Shelf()), "/v1/songs", 422)["errors"][0]["field"] == "q"


@pytest.mark.parametrize("song", ["shelf:2", "other:1", "nonsense", "shelf:%00", "a:..%2F"])
def test_there_is_no_such_song(song: str) -> None:
    refused(serve(Shelf()), f"/v1/songs/{song}", 404)


@pytest.mark.parametrize(
    ("missing", "said"),
    [("instrumental", "instrumental"), ("adults_only", "adults"), ("no_lyrics", "has none")],
)
def test_a_song_without_lyrics_says_why(missing: Missing, said: str) -> None:
    assert said in refused(serve(Shelf(missing=missing)), "/v1/songs/shelf:1", 404)["detail"]


@pytest.mark.parametrize("path", ["/v1/songs?q=lamp", "/v1/songs/shelf:1"])
def test_a_provider_that_is_down(path: str) -> None:
    problem = refused(serve(Shelf(ProviderFailed("Shelf does not answer"))), path, 502)
    assert problem["detail"].startswith("Shelf does not answer; paste")
    assert problem["type"].endswith(":lyrics-provider")


@pytest.mark.parametrize("path", ["/v1/songs?q=lamp", "/v1/songs/shelf:1"])
def test_a_provider_that_is_busy(path: str) -> None:
    response = serve(Shelf(ProviderBusy("Shelf asks to wait", 41.2))).get(path)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "42"
    assert response.json()["type"].endswith(":lyrics-busy")


@pytest.mark.parametrize("path", ["/v1/songs?q=lamp", "/v1/songs/shelf:1"])
def test_a_search_that_is_switched_off(path: str) -> None:
    assert "switched off" in refused(serve(), path, 404)["detail"]


def test_connections_end_with_the_application() -> None:
    shelf = Shelf()
    with serve(shelf) as client:
        client.get("/v1/songs?q=lamp")
        assert shelf.closed == 0
    assert shelf.closed == 1


def test_the_document_has_every_status() -> None:
    document = serve(Shelf()).get("/openapi.json").json()
    for path in ("/v1/songs", "/v1/songs/{song_id}"):
        said: Callable[[], Any] = document["paths"][path]["get"]["responses"]
        assert set(said) == {"200", "404", "422", "500", "502", "503"}
