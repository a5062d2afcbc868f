"""How single jobs end."""

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
from deployments.storage.job_records import Capacity, Mode, NewJob
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


def test_a_caller_whose_job_is_cancelled_hears_so(build: Build) -> None:
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


def test_a_kept_job_waits_for_a_stage_that_comes_back(build: Build) -> None:
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


def test_failures_are_told_and_kept(build: Build) -> None:
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
        one = build(lease_s=2)
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
            assert await finished(one, accepted.id) == "done"
            state = await one.runner.job_queue.state(accepted.id, "")
            assert state.attempt == (1 if failures == 2 else 2)

    run(work())
