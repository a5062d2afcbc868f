from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest

from songdalle_client import (
    ClientError,
    Connecting,
    CoverRequest,
    Lost,
    ServiceError,
    SongDalle,
    Unexpected,
    Unreachable,
)
from songdalle_client.events import Event, Queued
from tests.songdalle_client.service import FakeService, Job, problem

REQUEST = CoverRequest(lyrics="a lamp on the hill", candidates=3, seed=7)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("songdalle_client.stream.SHORTEST_PAUSE", 0.02)


def connect(service: FakeService | str, **options: Any) -> SongDalle:
    url = service if isinstance(service, str) else service.url
    return SongDalle(url, connecting=Connecting(**{"resume_seconds": 5.0} | options))


def follow(service: FakeService, **options: Any) -> tuple[list[Event], int]:
    """All events of one request, and how often its stream was resumed."""

    async def run() -> tuple[list[Event], int]:
        async with connect(service, **options) as client:
            stream = client.draw(REQUEST)
            return [event async for event in stream], stream.resumed

    return asyncio.run(run())


def whole() -> list[dict[str, Any]]:
    """What an unbroken stream tells."""
    with FakeService() as service:
        return [event.model_dump() for event in follow(service)[0]]


def test_events_come_in_order() -> None:
    with FakeService() as service:
        stream_events, resumed = follow(service)
    names = [type(event).__name__ for event in stream_events]
    assert names[:7] == [
        "Queued",
        "Queued",
        "Cleaned",
        "Summarized",
        "Felt",
        "Translated",
        "Prompted",
    ]
    assert names[7:] == ["Previewed"] * 3 + ["Judged"] * 3 + ["Done"]
    assert resumed == 0
    assert service.jobs[f"{1:032x}"].body == REQUEST.body()
    assert service.calls == ["POST /v1/covers"]


@pytest.mark.parametrize(
    "cuts", [(0,), (1,), (4,), (1, 1, 1, 1), (-1,), (-1, 0, 5, 0), (14,)], ids=repr
)
def test_a_cut_stream_goes_on_where_it_broke(cuts: tuple[int, ...]) -> None:
    """-1 cuts before the response begins, 0 before the first event."""
    with FakeService(cuts=cuts) as service:
        stream_events, resumed = follow(service)
    assert [event.model_dump() for event in stream_events] == whole()
    assert resumed == len(cuts)
    assert len(service.jobs) == 1


def test_a_silent_stream_is_lost_and_resumed() -> None:
    with FakeService(holds=6) as service:

        async def run() -> int:
            async with connect(service, idle_seconds=0.3) as client:
                stream = client.draw(REQUEST)
                task = asyncio.create_task(stream.finish())
                while len(service.requests) < 2:
                    await asyncio.sleep(0.01)
                service.release()
                await task
                return stream.resumed

        assert asyncio.run(run()) == 1


def test_a_service_that_stays_away_is_given_up() -> None:
    with FakeService(cuts=[2, *[0] * 100]) as service, pytest.raises(Lost, match="cut"):
        follow(service, resume_seconds=0.6)
    assert 2 <= len(service.requests) < 20


def test_a_restart_is_waited_for() -> None:
    with FakeService(cuts=[3]) as service:

        async def run() -> int:
            async with connect(service) as client:
                stream = client.draw(REQUEST)
                async for event in stream:
                    if isinstance(event, Queued):
                        service.refuse(503, 502)
                return stream.resumed

        assert asyncio.run(run()) == 3


def test_a_job_that_is_gone_is_an_error() -> None:
    with FakeService(cuts=[3]) as service:

        async def run() -> None:
            async with connect(service) as client:
                async for _ in client.draw(REQUEST):
                    service.jobs.clear()

        with pytest.raises(ServiceError, match="no such job"):
            asyncio.run(run())


def test_without_patience_a_cut_is_a_cut() -> None:
    with FakeService(cuts=[3]) as service, pytest.raises(Lost):
        follow(service, resume_seconds=0)
    assert "Idempotency-Key" not in service.requests[0][2]


@pytest.mark.parametrize("status", [422, 429, 500, 503])
def test_a_refusal_is_an_error_at_once(status: int) -> None:
    with FakeService(refusals=[status]) as service, pytest.raises(ServiceError) as refused:
        follow(service)
    assert refused.value.status == status
    assert refused.value.retry_after == (3 if status in (429, 503) else None)
    assert ("style: too long" in str(refused.value)) == (status == 422)


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    async def run() -> None:
        async with connect(f"http://127.0.0.1:{port}") as client:
            await client.draw(REQUEST).finish()

    with pytest.raises(Unreachable):
        asyncio.run(run())


def test_a_failed_event_is_an_error() -> None:
    ending = ("failed", problem(504, "the generator took too long"))
    with FakeService(ending=ending) as service, pytest.raises(ServiceError) as failed:
        follow(service)
    assert failed.value.status == 504
    assert str(failed.value) == "the generator took too long"
    assert len(service.requests) == 1


@pytest.mark.parametrize("ending", [("done", {}), ("done", "{"), ("cover", [])], ids=repr)
def test_a_malformed_event_is_an_error(ending: tuple[str, Any]) -> None:
    with FakeService(ending=ending) as service, pytest.raises(Unexpected, match=ending[0]):
        follow(service)


def test_an_event_without_end_is_an_error() -> None:
    ending = ("done", json.dumps({"lyrics": "x" * 5000}))
    with FakeService(ending=ending) as service, pytest.raises(Unexpected, match="4096"):
        follow(service, max_bytes=4096)


def test_a_service_without_streams_answers_whole() -> None:
    with FakeService(streams=False) as service:
        (done,), resumed = follow(service)
    job = Job(f"{1:032x}", REQUEST.body())
    job.complete()
    assert json.loads(done.model_dump_json())["covers"]["covers"] == job.events[-1][1]["covers"]
    assert resumed == 0


@pytest.mark.parametrize("before", [0.0, 60.0], ids=["id known", "no answer yet"])
def test_cancelling_ends_the_job_at_the_service(before: float) -> None:
    with FakeService(holds=3, before=before) as service:

        async def run() -> None:
            async with connect(service) as client:
                stream = client.draw(REQUEST)
                task = asyncio.create_task(stream.finish())
                while not (service.jobs and (before or service.holding.is_set())):
                    await asyncio.sleep(0.01)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                service.hurry()
                await stream.cancel()
                await stream.cancel()

        asyncio.run(run())
    (job,) = service.jobs.values()
    assert job.cancelled
    assert service.calls[-1] == f"DELETE /v1/covers/{job.id}?unfinished=true"
    assert sum(call.startswith("DELETE") for call in service.calls) == 1


def test_nothing_to_cancel() -> None:
    with FakeService() as service:

        async def run() -> None:
            async with connect(service) as client:
                await client.draw(REQUEST).cancel()
                stream = client.draw(REQUEST)
                await stream.finish()
                await stream.cancel()

        asyncio.run(run())
    assert service.calls == ["POST /v1/covers"]


def test_a_cancellation_that_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("songdalle_client.stream.CANCEL_SECONDS", 0.2)
    with FakeService(before=60.0) as service:

        async def run() -> None:
            async with connect(service) as client:
                stream = client.draw(REQUEST)
                task = asyncio.create_task(stream.finish())
                while not service.jobs:
                    await asyncio.sleep(0.01)
                task.cancel()
                await asyncio.wait([task])
                await stream.cancel()

        with pytest.raises(ClientError, match=r"within 0\.2 s"):
            asyncio.run(run())
