"""Listening to jobs here and at other ingresses."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from sqlalchemy import select

from deployments.api.service import Service
from deployments.storage.job_records import EventRecord, Mode
from deployments.storage.tables import JobRow
from tests.deployments.ingresses import (
    PATIENCE,
    Brush,
    Build,
    build,
    crash,
    finished,
    order,
    run,
    status,
    until,
)

__all__ = ["build"]


async def hear(
    service: Service,
    id: str,
    after: int = 0,
    until: str = "",
    into: list[EventRecord] | None = None,
) -> list[EventRecord]:
    """Events of a job, up to the first one of the name `until`; in `into` as they come."""
    events = [] if into is None else into
    async with (
        asyncio.timeout(PATIENCE),
        aclosing(service.event_streams.follow(id, "", after)) as entries,
    ):
        async for entry in entries:
            if entry is not None:
                events.append(entry)
                if entry.name == until:
                    break
    return events


def names(events: list[EventRecord]) -> list[str]:
    return [entry.name for entry in events]


def test_another_ingress_streams_the_same_events(build: Build) -> None:
    async def work() -> None:
        one, two = build(), build()
        brush = Brush(one)
        async with one.lifespan(None), two.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            await until(lambda: brush.begun)
            ours: list[EventRecord] = []
            theirs: list[EventRecord] = []
            here = asyncio.create_task(hear(one, accepted.id, into=ours))
            there = asyncio.create_task(hear(two, accepted.id, into=theirs))
            await until(lambda: "prompt" in names(ours) and "prompt" in names(theirs))
            brush.go.set()
            await asyncio.gather(here, there)
            assert theirs == ours
            assert names(ours)[0] == "queued"
            assert names(ours)[-3:] == ["cover", "cover", "done"]
            # and so does the history, to those who come later
            assert await hear(two, accepted.id) == ours
            assert await hear(one, accepted.id, after=ours[3].number) == ours[4:]
            assert await hear(one, accepted.id, after=ours[-1].number) == []

    run(work())


def test_a_queued_event_follows_every_change_of_position(build: Build) -> None:
    async def work() -> None:
        one = build(drawing=2)
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            jobs = [await one.runner.accept(order(), Mode.FOLLOW) for _ in range(3)]
            await until(lambda: brush.begun)
            first = await hear(one, jobs[2].id, until="queued")
            brush.go.set()
            events = first + await hear(one, jobs[2].id, after=first[-1].number)
            queued_events = [entry.data for entry in events if entry.name == "queued"]
            positions = [
                data.partition('"position":')[2].partition(",")[0] for data in queued_events
            ]
            assert positions[0] == "2"
            assert positions[-1] == "0"
            assert positions == sorted(positions, reverse=True)
            numbers = [entry.number for entry in events]
            assert numbers == sorted(set(numbers))
            assert names(events)[-1] == "done"

    run(work())


def test_an_event_stream_goes_on_when_the_ingress_dies(build: Build) -> None:
    async def work() -> None:
        one, two = build(lease_s=5), build(lease_s=5)
        brush = Brush(one)
        async with two.lifespan(None):  # type: ignore[arg-type]
            await one.runner.start()
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            await until(lambda: brush.begun)
            first = await hear(one, accepted.id, until="prompt")
            await crash(one)
            await two.runner._renew()
            rest = await hear(two, accepted.id, after=first[-1].number)
            assert names(rest)[-1] == "done"
            numbers = [entry.number for entry in first + rest]
            assert numbers == sorted(set(numbers))
            # whoever comes only now hears the second attempt alone
            fresh = await hear(two, accepted.id)
            assert names(fresh).count("prompt") == 1

    run(work())


def test_silence_is_filled_with_heartbeats(build: Build) -> None:
    async def work() -> None:
        one, two = build(heartbeat_s=0.05), build(heartbeat_s=0.05)
        brush = Brush(one)
        async with one.lifespan(None), two.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            await until(lambda: brush.begun)
            for service in (one, two):
                beats = 0
                async with aclosing(service.event_streams.follow(accepted.id, "", 0)) as entries:
                    async for entry in entries:
                        beats += entry is None
                        if beats == 3:
                            break
            brush.go.set()
            assert await finished(one, accepted.id) == "done"

    run(work())


def test_a_job_whose_stream_is_abandoned_is_cancelled(build: Build) -> None:
    async def work() -> None:
        one = build(grace_s=60)
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            one.event_streams.linger(accepted.id, "")
            await hear(one, accepted.id, until="prompt")
            await asyncio.sleep(0.1)
            assert await status(one, accepted.id) == "running"  # its time has not come
            one.runner.tunables = one.runner.tunables.model_copy(update={"grace_s": 0.1})
            await hear(one, accepted.id, until="prompt")
            assert await finished(one, accepted.id) == "cancelled"
            assert brush.stopped == 1

    run(work())


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_listener_back_within_the_grace_period_keeps_the_job(
    build: Build, elsewhere: bool
) -> None:
    async def work() -> None:
        one, two = build(grace_s=60), build(grace_s=60)
        service = two if elsewhere else one
        brush = Brush(one)
        async with one.lifespan(None), two.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            one.event_streams.linger(accepted.id, "")
            first = await hear(one, accepted.id, until="prompt")
            rest = asyncio.create_task(hear(service, accepted.id, after=first[-1].number))
            await until(lambda: service.event_streams._listeners[accepted.id])
            if elsewhere:
                await changed(one, accepted.id, None)
            await one.event_streams._give_up(accepted.id)  # as at the end of the grace period
            assert await status(one, accepted.id) == "running"
            brush.go.set()
            assert names(await rest)[-1] == "done"

    run(work())


def test_a_listener_elsewhere_is_noted_again_and_again(build: Build) -> None:
    """At least once in a grace period, however long nothing happens."""

    async def work() -> None:
        one, two = build(), build(grace_s=0.3)
        brush = Brush(one)
        async with one.lifespan(None), two.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            await until(lambda: brush.begun)
            listening = asyncio.create_task(hear(two, accepted.id))
            noted = None
            for _ in range(3):
                noted = await changed(one, accepted.id, noted)
            brush.go.set()
            assert names(await listening)[-1] == "done"

    run(work())


async def changed(service: Service, id: str, before: float | None) -> float:
    """When a listener at another ingress was noted, once that is another time than `before`."""
    noted = select(JobRow.heard_at).where(JobRow.id == id)
    async with asyncio.timeout(PATIENCE):
        while (now := await service.database.read(lambda s: s.scalar(noted))) in (None, before):
            await asyncio.sleep(0.01)
    assert now is not None
    return now


def test_a_job_asked_for_without_a_stream_needs_no_listener(build: Build) -> None:
    async def work() -> None:
        one = build(grace_s=0.05)
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            await hear(one, accepted.id, until="prompt")
            await asyncio.sleep(0.3)
            brush.go.set()
            assert await finished(one, accepted.id) == "done"

    run(work())
