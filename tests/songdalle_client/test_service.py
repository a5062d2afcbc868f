from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from songdalle_client import (
    Connecting,
    CoverRequest,
    CoverSet,
    JobStatus,
    ServiceError,
    SongDalle,
    Unexpected,
)
from tests.songdalle_client.service import FakeService, picture

REQUEST = CoverRequest(lyrics="a lamp", candidates=2)


def use(service: FakeService, call: Callable[[SongDalle], Awaitable[Any]], **options: Any) -> Any:
    async def run() -> Any:
        async with SongDalle(service.url, **options) as client:
            return await call(client)

    return asyncio.run(run())


def test_only_what_was_given_is_sent() -> None:
    assert REQUEST.body() == {"lyrics": "a lamp", "candidates": 2}
    assert CoverRequest(lyrics="x", style=None).body() == {"lyrics": "x", "style": None}


def test_covers_without_a_stream() -> None:
    with FakeService() as service:
        made = use(service, lambda client: client.make(REQUEST))
    assert isinstance(made, CoverSet)
    assert made.covers[0].url == f"/v1/covers/{made.id}/images/1.png"
    assert made.model_dump()["words"]["rude_removed"] == 0  # a field this client does not name
    assert service.requests[0][2]["Accept"] == "application/json"
    assert service.requests[0][2]["User-Agent"].startswith("songdalle-client/")


def test_jobs() -> None:
    async def call(client: SongDalle) -> None:
        job = await client.submit(REQUEST, "key-1")
        assert isinstance(job, JobStatus)
        assert (await client.submit(REQUEST, "key-1")).id == job.id
        assert isinstance(await client.job(job.id), CoverSet)
        await client.cancel(job.id)
        assert isinstance(await client.job(job.id), CoverSet), "a finished set stays"
        await client.delete(job.id)
        with pytest.raises(ServiceError, match="no such job"):
            await client.job(job.id)
        with pytest.raises(ServiceError, match="no such job"):
            await client.job("../../readyz?x#y")

    with FakeService() as service:
        use(service, call)
    assert service.calls[-1] == "GET /v1/covers/..%2F..%2Freadyz%3Fx%23y"


def test_an_unfinished_job_is_cancelled() -> None:
    async def call(client: SongDalle) -> None:
        job = await client.submit(REQUEST)
        await client.cancel(job.id)
        ended = await client.job(job.id)
        assert isinstance(ended, JobStatus)
        assert ended.status == "cancelled"

    with FakeService(holds=3) as service:
        use(service, call)


def test_history() -> None:
    async def call(client: SongDalle) -> Any:
        await client.submit(REQUEST)
        return await client.history(limit=5, before="c&c", q="등불", mood="Calmness")

    with FakeService() as service:
        page = use(service, call)
    assert [row.title for row in page.covers] == ["Lamp"]
    assert page.next == "cursor-2"
    query = "limit=5&before=c%26c&q=%EB%93%B1%EB%B6%88&mood=Calmness"
    assert service.calls[-1] == f"GET /v1/covers?{query}"


def test_songs() -> None:
    async def call(client: SongDalle) -> Any:
        (song,) = await client.search("등불 심지")
        return await client.song(song.id)

    with FakeService() as service:
        song = use(service, call)
    assert (song.title, song.lyrics, song.seconds) == ("등불", "a lamp on the hill", 191)


def test_pictures() -> None:
    async def call(client: SongDalle) -> bytes:
        made = await client.make(REQUEST)
        return await client.image(made.covers[1].url)

    with FakeService() as service:
        assert use(service, call) == picture(40)


@pytest.mark.parametrize("prefix", ["/music", "/music/art"])
def test_pictures_below_a_prefix(prefix: str) -> None:
    """The service names its prefix in addresses; the client has it in the service's own."""

    async def call(client: SongDalle) -> bytes:
        made = await client.make(REQUEST)
        return await client.image(prefix + made.covers[1].url)

    with FakeService() as service:
        assert use(service, call) == picture(40)


@pytest.mark.parametrize("path", ["http://127.0.0.1:9/x", "//example.org/x", "x", ""])
def test_pictures_of_other_servers_are_not_fetched(path: str) -> None:
    with FakeService() as service, pytest.raises(Unexpected):
        use(service, lambda client: client.image(path))
    assert service.requests == []


def test_a_key_is_sent() -> None:
    with FakeService() as service:
        use(service, lambda client: client.make(REQUEST), key="secret")
        use(service, lambda client: client.make(REQUEST))
    assert service.requests[0][2]["Authorization"] == "Bearer secret"
    assert "Authorization" not in service.requests[1][2]


def test_readiness() -> None:
    with FakeService(refusals=[503]) as service:
        assert use(service, lambda client: client.not_ready()) == "/readyz says 503"
        assert use(service, lambda client: client.not_ready()) is None


def test_a_redirect_is_not_followed() -> None:
    with FakeService(refusals=[307]) as service, pytest.raises(ServiceError) as refused:
        use(service, lambda client: client.make(REQUEST))
    assert refused.value.status == 307
    assert len(service.requests) == 1


def test_a_large_answer_is_refused() -> None:
    small = Connecting(max_bytes=500)
    with FakeService() as service, pytest.raises(Unexpected, match="does not end"):
        use(service, lambda client: client.make(REQUEST), connecting=small)
