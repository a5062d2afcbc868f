"""Jobs of one and of several ingresses over one database."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import event, select

from deployments.config.user_config import ScalingTunables
from deployments.contract.errors import LineFull, Overloaded
from deployments.contract.problems import Stored
from deployments.jobs.admission import FIRST_GUESS
from deployments.storage.job_records import Mode
from deployments.storage.tables import JobRow
from tests.deployments.ingresses import (
    PATIENCE,
    Brush,
    Build,
    build,
    crash,
    expire_lease,
    finished,
    order,
    run,
    stop_chores,
    until,
)

__all__ = ["build"]


def test_a_job_is_done_without_anybody_waiting(build: Build) -> None:
    async def work() -> None:
        one = build()
        async with one.lifespan(None):  # type: ignore[arg-type]
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            assert await finished(one, accepted.id) == "done"
            assert one.store.read(accepted.id, 2)
            assert one.runner.jobs == {}

    run(work())


@pytest.mark.parametrize("mode", Mode)
def test_a_job_costs_a_dozen_statements_at_most(build: Build, mode: Mode) -> None:
    """Those of the chores that go on without jobs are counted as well."""
    jobs = 10

    async def work() -> None:
        one = build(poll_s=0.25, look_s=0.1, save_s=0.1)
        statements: list[str] = []

        @event.listens_for(one.database.engine, "before_cursor_execute")
        def _note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        async with one.lifespan(None):  # type: ignore[arg-type]
            statements.clear()
            for _ in range(jobs):
                accepted = await one.runner.accept(order(candidates=12), mode)
                if mode is Mode.FOLLOW:
                    told = [e async for e in one.event_streams.follow(accepted.id, "", 0)]
                    assert told[-1] is not None
                    assert told[-1].name == "done"
                else:
                    assert len((await one.runner.result(accepted)).covers) == 12
            written = [s for s in statements if not s.startswith(("BEGIN", "PRAGMA"))]
        assert len(written) <= 12 * jobs, Counter(written).most_common(8)

    run(work())


def test_a_job_of_a_killed_ingress_is_claimed_by_one_other(build: Build) -> None:
    async def work() -> None:
        one, two, three = (build(lease_s=5) for _ in range(3))
        brushes = [Brush(service) for service in (one, two, three)]
        async with two.lifespan(None), three.lifespan(None):  # type: ignore[arg-type]
            await one.runner.start()
            accepted = await one.runner.accept(order(seed=None), Mode.FOLLOW)
            assert accepted.claimed is not None
            seed = accepted.claimed.request.seed
            await until(lambda: brushes[0].begun)
            await crash(one)
            await until(lambda: brushes[1].begun + brushes[2].begun)
            brushes[1].go.set()
            brushes[2].go.set()
            assert await finished(two, accepted.id) == "done"
            await asyncio.sleep(0.2)
            assert brushes[1].begun + brushes[2].begun == 1
            state = await two.runner.job_queue.state(accepted.id, "")
            assert state.attempt == 2
            assert state.answer is not None
            assert state.answer.seed == seed

    run(work())


def test_an_ingress_that_lost_its_lease_stops_its_job(build: Build) -> None:
    async def work() -> None:
        one, two = build(lease_s=5), build(lease_s=5)
        ours, theirs = Brush(one), Brush(two)
        async with two.lifespan(None):  # type: ignore[arg-type]
            await one.runner.start()
            accepted = await one.runner.accept(order(), Mode.FOLLOW)
            await until(lambda: ours.begun)
            stop_chores(one)
            await expire_lease(one)
            await two.runner._renew()
            await until(lambda: theirs.begun)
            await one.runner._renew()  # and wakes up
            await until(lambda: ours.stopped)
            theirs.go.set()
            assert await finished(two, accepted.id) == "done"

    run(work())


def test_a_new_ingress_claims_the_jobs_of_a_dead_one(build: Build) -> None:
    async def work() -> None:
        one = build(lease_s=5, drawing=24)
        Brush(one)
        await one.runner.start()
        jobs = [await one.runner.accept(order(candidates=20), Mode.FOLLOW) for _ in range(3)]
        assert [job.claimed is not None for job in jobs] == [True, False, False]
        await crash(one)
        two = build(lease_s=5)
        async with two.lifespan(None):  # type: ignore[arg-type]
            assert [await finished(two, job.id) for job in jobs] == ["done"] * 3
        calls = two.runner.pipeline.calls.stages.generator.target.calls
        assert [call[0] for call in calls].count("draw") == 3

    run(work())


def test_an_ingress_that_stops_requeues_its_jobs(build: Build) -> None:
    async def work() -> None:
        one, two = build(lease_s=60), build(lease_s=60)
        brush = Brush(one)
        await one.runner.start()
        accepted = await one.runner.accept(order(), Mode.FOLLOW)
        await until(lambda: brush.begun)
        async with two.lifespan(None):  # type: ignore[arg-type]
            await one.runner.stop()
            assert await finished(two, accepted.id) == "done"
            assert brush.stopped == 1

    run(work())


def test_no_more_is_claimed_than_there_is_room_for(build: Build) -> None:
    async def work() -> None:
        one = build(drawing=5, waiting=2)
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            jobs = [await one.runner.accept(order(), Mode.FOLLOW) for _ in range(4)]
            await until(lambda: brush.begun == 2)
            with pytest.raises(Overloaded, match="2 requests are waiting") as full:
                await one.runner.accept(order(), Mode.FOLLOW)
            assert full.value.retry_after >= 1
            await asyncio.sleep(0.1)
            assert brush.begun == 2
            brush.go.set()
            assert [await finished(one, job.id) for job in jobs] == ["done"] * 4

    run(work())


def test_who_stays_connected_does_not_wait_for_long(build: Build) -> None:
    """At 3 s a candidate, 20 s of patience are 6 candidates: 2 under way and 4 in line."""

    async def work() -> None:
        one = build(drawing=2, waiting=50, wait_s=20)
        one.runner.admission.rate.learn(3.0, 1)
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            jobs = [await one.runner.accept(order(), Mode.FOLLOW)]
            await until(lambda: brush.begun == 1)
            jobs += [await one.runner.accept(order(), Mode.FOLLOW) for _ in range(3)]
            with pytest.raises(LineFull, match="3 requests are waiting") as full:
                await one.runner.accept(order(), Mode.FOLLOW)
            assert full.value.moment == 1.0
            jobs += [await one.runner.accept(order(), Mode.LATER)]
            brush.go.set()
            assert [await finished(one, job.id) for job in jobs] == ["done"] * 5

    run(work())


def test_a_caller_waits_in_line_and_for_another_ingress(build: Build) -> None:
    async def work() -> None:
        one, two = build(drawing=2), build(drawing=2)
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            first = await one.runner.accept(order(), Mode.FOLLOW)
            await until(lambda: brush.begun)
            second = await one.runner.accept(order(), Mode.FOLLOW)
            waiting = asyncio.create_task(one.runner.result(second))
            await until(lambda: second.id in one.runner.changes._waiters)
            async with two.lifespan(None):  # type: ignore[arg-type]
                made = await waiting
                assert made.id == second.id
            brush.go.set()
            assert (await one.runner.result(first)).id == first.id

    run(work())


def test_a_caller_that_leaves_stops_the_drawing(build: Build) -> None:
    async def work() -> None:
        one = build(drawing=2)
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            jobs = [await one.runner.accept(order()) for _ in range(2)]
            callers = [asyncio.create_task(one.runner.result(job)) for job in jobs]
            # there is room for one: the other waits in line
            await until(lambda: brush.begun and jobs[1].id in one.runner.changes._waiters)
            for caller in callers:
                caller.cancel()
            await asyncio.gather(*callers, return_exceptions=True)
            assert [await finished(one, job.id) for job in jobs] == ["cancelled"] * 2
            await until(lambda: brush.stopped == brush.begun)

    run(work())


def test_a_caller_that_leaves_before_it_is_accepted(build: Build) -> None:
    async def work() -> None:
        one = build()
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            caller = asyncio.create_task(one.runner.accept(order()))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            caller.cancel()
            with pytest.raises(asyncio.CancelledError):
                await caller
            states = select(JobRow.status)
            async with asyncio.timeout(PATIENCE):
                while await one.database.read(lambda s: list(s.scalars(states))) != ["cancelled"]:
                    await asyncio.sleep(0.02)
            await until(lambda: not one.runner.jobs)
            assert brush.begun == brush.stopped

    run(work())


def test_a_cancelled_job_stops_wherever_it_is_drawn(build: Build) -> None:
    async def work() -> None:
        one, two = build(), build()
        brush = Brush(one)
        async with one.lifespan(None), two.lifespan(None):  # type: ignore[arg-type]
            jobs = [await one.runner.accept(order(), Mode.FOLLOW) for _ in range(3)]
            await until(lambda: brush.begun == 3)
            assert await one.runner.cancel(jobs[0].id)
            await until(lambda: brush.stopped == 1)
            assert await two.runner.cancel(jobs[1].id)  # at the other ingress
            await until(lambda: brush.stopped == 2)
            brush.go.set()
            ends = [await finished(one, job.id) for job in jobs]
            assert ends == ["cancelled", "cancelled", "done"]
            assert not await one.runner.cancel(jobs[2].id)
            with pytest.raises(Stored, match="cancelled"):
                await two.runner.result(jobs[0])

    run(work())


def test_the_same_key_is_the_same_job(build: Build) -> None:
    async def work() -> None:
        one, two = build(), build()
        async with one.lifespan(None), two.lifespan(None):  # type: ignore[arg-type]
            asked = order(seed=None)
            first = await one.runner.accept(asked, key="k")
            made = await asyncio.gather(
                one.runner.result(first),
                two.runner.result(await two.runner.accept(asked, key="k")),
            )
            assert made[0].id == made[1].id == first.id
            drawn = [
                call
                for service in (one, two)
                for call in service.runner.pipeline.calls.stages.generator.target.calls
                if call[0] == "draw"
            ]
            assert len(drawn) == 1

    run(work())


def test_the_same_key_at_once_is_one_job(build: Build) -> None:
    async def work() -> None:
        services = [build() for _ in range(4)]
        await asyncio.gather(*[service.runner.start() for service in services])
        accepted = await asyncio.gather(
            *[service.runner.accept(order(), key="k") for service in services * 3]
        )
        assert len({job.id for job in accepted}) == 1
        assert [job.new for job in accepted].count(True) == 1
        for service in services:
            await service.runner.stop()

    run(work())


def test_a_job_that_waits_for_a_start_says_so_and_teaches_no_rate(build: Build) -> None:
    async def work() -> None:
        one = build(scaling=ScalingTunables(start_s=40, look_s=0.01))
        running = [0]
        one.runner.count_running = lambda _: running[0]
        brush = Brush(one)
        async with one.lifespan(None):  # type: ignore[arg-type]
            await until(lambda: one.runner.admission.generators.asleep)
            assert "generator" in one.runner.pipeline.calls.asleep
            accepted = await one.runner.accept(order(), Mode.LATER)
            state = await one.runner.job_queue.state(accepted.id, "")
            assert 30 < one.runner.estimate(state) < 45
            await until(lambda: brush.begun)
            running[0] = 2
            await until(lambda: not one.runner.admission.generators.asleep)
            assert one.runner.estimate(state) < 10
            brush.go.set()
            assert await finished(one, accepted.id) == "done"
            assert one.runner.admission.rate.seconds == FIRST_GUESS
            again = await one.runner.accept(order(), Mode.LATER)
            assert await finished(one, again.id) == "done"
            assert one.runner.admission.rate.seconds != FIRST_GUESS

    run(work())
