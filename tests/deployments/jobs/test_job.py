"""The event log of a job, and how jobs end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from deployments.contract.errors import (
    Cancelled,
    CoverError,
    DatabaseUnavailable,
    NothingToDraw,
    Overloaded,
    StageUnavailable,
)
from deployments.contract.problems import Stored
from deployments.jobs.job import EventLog
from deployments.storage.job_records import Capacity, EventRecord, Mode, NewJob
from tests.deployments.ingresses import (
    Brush,
    Build,
    build,
    finished,
    order,
    run,
    status,
    until,
)

__all__ = ["build"]


def entry(number: int) -> EventRecord:
    return EventRecord(number, "cleaned", "{}")


async def gather(event_log: EventLog, after: int = 0, silence: float = 60) -> list[int | None]:
    return [e.number if e else None async for e in event_log.follow(after, silence)]


def test_a_latecomer_gets_everything_and_a_returner_the_rest() -> None:
    async def work() -> None:
        event_log = EventLog()
        event_log.write(entry(1))
        event_log.write(entry(4))
        late = asyncio.create_task(gather(event_log))
        back = asyncio.create_task(gather(event_log, after=1))
        await asyncio.sleep(0)
        event_log.write(entry(9))
        event_log.close()
        assert await late == [1, 4, 9]
        assert await back == [4, 9]
        assert await gather(event_log, after=9) == []

    asyncio.run(work())


def test_listeners_hear_events_while_they_happen() -> None:
    async def work() -> None:
        event_log = EventLog()
        follower = event_log.follow(0, 60)
        for number in range(1, 4):
            asyncio.get_running_loop().call_soon(event_log.write, entry(number))
            event = await anext(follower)
            assert event is not None
            assert event.number == number
        await follower.aclose()

    asyncio.run(work())


def test_silence_yields_none() -> None:
    async def work() -> None:
        event_log = EventLog()
        follower = event_log.follow(0, 0.01)
        assert await anext(follower) is None
        event_log.write(entry(1))
        assert await anext(follower) == entry(1)
        assert await anext(follower) is None
        await follower.aclose()

    asyncio.run(work())


@pytest.mark.parametrize("lost", [True, False])
def test_a_job_may_be_stopped_before_its_first_step(build: Build, lost: bool) -> None:
    async def work() -> None:
        one = build()
        async with one.lifespan(None):  # type: ignore[arg-type]
            job = NewJob(order(), "", Mode.FOLLOW)
            accepted = await one.runner.job_queue.accept(job, Capacity(room=24, waiting=1))
            assert accepted.claimed is not None
            one.runner._begin(accepted.claimed)
            begun = one.runner.jobs[accepted.id]
            begun.lose() if lost else begun.cancel()
            await until(lambda: not one.runner.jobs)
            assert await status(one, accepted.id) == ("running" if lost else "cancelled")
        calls = one.runner.pipeline.calls.stages.generator.target.calls
        assert [call for call in calls if call[0] == "draw"] == []

    run(work())


def test_a_caller_whose_job_is_cancelled_gets_the_error(build: Build) -> None:
    async def work() -> None:
        one = build()
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), key="k")
            caller = asyncio.create_task(one.runner.result(accepted))
            await until(lambda: brush.begun)
            assert await one.runner.cancel(accepted.id)
            with pytest.raises(Cancelled):
                await caller

    run(work())


def test_a_durable_job_waits_for_a_stage_that_comes_back(build: Build) -> None:
    async def work() -> None:
        one = build()
        generator = one.runner.pipeline.calls.stages.generator.target
        async with one.lifespan(None):  # type: ignore[arg-type]
            await one.runner.pipeline.calls.models()
            generator.failures = [StageUnavailable("gone")] * 2 + [Overloaded("full", 1)]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            assert await finished(one, accepted.id) == "done"
            generator.failures = [StageUnavailable("gone")] * 3
            with pytest.raises(StageUnavailable):
                await one.runner.result(await one.runner.accept(order()))

    run(work())


def test_failures_are_raised_and_stored(build: Build) -> None:
    async def work() -> None:
        one, two = build(), build()
        async with one.lifespan(None), two.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(lyrics="...1"), Mode.FOLLOW)
            assert await finished(one, accepted.id) == "failed"
            for service in (one, two):
                with pytest.raises(CoverError, match="nothing to draw") as caught:
                    await service.runner.result(accepted)
                assert isinstance(caught.value, Stored | NothingToDraw)

    run(work())


@pytest.mark.parametrize("failures", [2, 5])
def test_a_database_that_fails_for_a_while_loses_no_job(
    build: Build, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    """Two failures are sat out; after five the job is drawn again."""
    monkeypatch.setattr("deployments.jobs.job.PAUSES", (0.01,) * 3)

    async def work() -> None:
        one = build(lease_s=60)
        left = failures
        inner = one.runner.job_queue.end

        async def end(*arguments: Any) -> bool:
            nonlocal left
            if left:
                left -= 1
                raise DatabaseUnavailable("gone")
            return await inner(*arguments)

        monkeypatch.setattr(one.runner.job_queue, "end", end)
        async with one.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            if failures == 5:
                await until(lambda: not one.runner.jobs)
                await one.runner._renew()  # the lease has most of a minute left
            assert await finished(one, accepted.id) == "done"
            state = await one.runner.job_queue.state(accepted.id, "")
            assert state.attempt == (1 if failures == 2 else 2)

    run(work())


def test_the_outcome_is_written_after_the_events_before_it(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listener that sees the outcome would not wait for events that are written later."""

    async def work() -> None:
        one = build()
        brush, order_of_writes = Brush(one), []
        noting, released = asyncio.Event(), asyncio.Event()
        note, end = one.runner.job_queue.note, one.runner.job_queue.end

        async def slow_note(*arguments: Any) -> None:
            noting.set()
            await released.wait()
            await note(*arguments)
            order_of_writes.append("events")

        async def watched_end(*arguments: Any) -> bool:
            order_of_writes.append("outcome")
            return await end(*arguments)

        monkeypatch.setattr(one.runner.job_queue, "note", slow_note)
        monkeypatch.setattr(one.runner.job_queue, "end", watched_end)
        async with one.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            await until(lambda: brush.begun and noting.is_set())
            job = one.runner.jobs[accepted.id]
            brush.go.set()
            await until(lambda: job.recording)
            released.set()
            assert await finished(one, accepted.id) == "done"
        assert order_of_writes[:2] == ["events", "outcome"]

    run(work())
