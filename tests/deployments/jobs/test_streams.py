"""Listening to jobs here and at other ingresses."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from deployments.api.service import Service
from deployments.storage.job_records import EventRecord, Mode
from tests.deployments.ingresses import (
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


async def hear(service: Service, id: str, after: int = 0, until: str = "") -> list[EventRecord]:
    """Events of a job, up to the first one of the name `until`."""
    events = []
    async with (
        asyncio.timeout(20),
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


def test_another_ingress_tells_the_same(build: Build) -> None:
    async def work() -> None:
        one, two = build(), build()
        brush = Brush(one)
        async with one.lifespan(None), two.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            await until(lambda: brush.begun)
            here = asyncio.create_task(hear(one, accepted.id))
            there = asyncio.create_task(hear(two, accepted.id))
            await asyncio.sleep(0.2)
            brush.go.set()
            ours, theirs = await here, await there
            assert theirs == ours
            assert names(ours)[0] == "queued"
            assert names(ours)[-3:] == ["cover", "cover", "done"]
            # and so does the history, to those who come later
            assert await hear(two, accepted.id) == ours
            assert await hear(one, accepted.id, after=ours[3].number) == ours[4:]
            assert await hear(one, accepted.id, after=ours[-1].number) == []

    run(work())


def test_a_place_in_line_is_told_whenever_it_changes(build: Build) -> None:
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


def test_a_listener_is_told_on_when_the_ingress_dies(build: Build) -> None:
    async def work() -> None:
        one, two = build(lease_s=0.3), build(lease_s=5)
        brush = Brush(one)
        async with two.lifespan(None):  # type: ignore[arg-type]
            await one.runner.start()
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            await until(lambda: brush.begun)
            first = await hear(one, accepted.id, until="prompt")
            crash(one)
            rest = await hear(two, accepted.id, after=first[-1].number)
            assert names(rest)[-1] == "done"
            numbers = [entry.number for entry in first + rest]
            assert numbers == sorted(set(numbers))
            # whoever comes only now hears the second attempt alone
            fresh = await hear(two, accepted.id)
            assert names(fresh).count("prompt") == 1

    run(work())


def test_silence_is_filled(build: Build) -> None:
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


def test_a_stream_that_nobody_comes_back_to_is_given_up(build: Build) -> None:
    async def work() -> None:
        one = build(grace_s=3)
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            one.event_streams.linger(accepted.id, "")
            await hear(one, accepted.id, until="prompt")
            assert await status(one, accepted.id) == "running"  # its time has not come
            assert await finished(one, accepted.id) == "cancelled"
            assert brush.stopped == 1

    run(work())


def test_a_listener_that_comes_back_in_time_saves_the_job(build: Build) -> None:
    async def work() -> None:
        one, two = build(grace_s=2), build(grace_s=2)
        brush = Brush(one)
        async with one.lifespan(None), two.lifespan(None):  # type: ignore[arg-type]
            for service in (one, two):
                accepted = await one.runner.accept(order(), Mode.FOLLOW)
                one.event_streams.linger(accepted.id, "")
                events = await hear(one, accepted.id, until="prompt")
                back = asyncio.create_task(hear(service, accepted.id, after=events[-1].number))
                await asyncio.sleep(3)
                assert await status(one, accepted.id) == "running"
                brush.go.set()
                assert names(await back)[-1] == "done"
                brush.go.clear()

    run(work())


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
