from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from deployments.jobs.changes import JobChanges
from deployments.storage.job_records import JobVersion

RUNNING = JobVersion("running", 1, 0, 5)


class Versions:
    """A job queue's versions of jobs, and how often it was asked."""

    def __init__(self) -> None:
        self.jobs: dict[str, JobVersion] = {"a": RUNNING, "b": RUNNING}
        self.looks = 0

    async def versions(self, ids: list[str]) -> Mapping[str, JobVersion]:
        self.looks += 1
        return {id: self.jobs[id] for id in ids if id in self.jobs}


@pytest.mark.parametrize(
    ("known", "news"),
    [
        (RUNNING, False),
        (JobVersion("running", 1, 0, 9), False),
        (JobVersion("running", 1, 0, 4), True),
        (JobVersion("queued", 1, 0, 5), True),
        (JobVersion("running", 2, 0, 5), True),
        (JobVersion("running", 1, 3, 5), True),
        (JobVersion("running", 1, None, 5), False),
        (JobVersion("queued", 1, None, 5), True),
    ],
)
def test_only_another_version_is_a_change(known: JobVersion, news: bool) -> None:
    async def run() -> None:
        changes = JobChanges(Versions())  # type: ignore[arg-type]
        waiting = asyncio.create_task(changes.change("a", known, 60 if news else 0.05))
        await asyncio.sleep(0)
        await changes.look()
        assert await waiting is news

    asyncio.run(run())


def test_many_waiters_share_one_query(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        versions = Versions()
        changes = JobChanges(versions)  # type: ignore[arg-type]
        await changes.look()
        assert versions.looks == 0, "nobody waits"
        waiting = [asyncio.create_task(changes.change(id, RUNNING, 60)) for id in "ab" * 50]
        await asyncio.sleep(0)
        versions.jobs["a"] = JobVersion("done", 1, 0, 5)
        del versions.jobs["b"]
        await changes.look()
        assert all(await asyncio.gather(*waiting))
        assert versions.looks == 1

    asyncio.run(run())


def test_a_change_made_here_wakes_at_once() -> None:
    async def run(act: Callable[[JobChanges], Any], patience: float) -> bool:
        changes = JobChanges(Versions())  # type: ignore[arg-type]
        waiting = asyncio.create_task(changes.change("a", RUNNING, patience))
        await asyncio.sleep(0)
        act(changes)
        return await waiting

    assert asyncio.run(run(lambda changes: changes.notify("a"), 60))
    assert not asyncio.run(run(lambda changes: changes.notify("b"), 0.05))
