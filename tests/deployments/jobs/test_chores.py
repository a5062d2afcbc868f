"""What an ingress repeats for its jobs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from deployments.contract.errors import DatabaseUnavailable
from deployments.contract.events import Cleaned
from deployments.jobs.chores import Leases, repeat, save_events
from deployments.jobs.job import Job
from deployments.storage.database import Database
from deployments.storage.job_queue import JobQueue
from deployments.storage.job_records import ClaimedJob, EventRecord
from deployments.storage.tables import IngressRow
from tests.deployments.ingresses import order
from tests.deployments.storage.test_job_queue import begun, name


class FailingQueue:
    """A job queue whose first writes of events fail."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.events: list[tuple[int, EventRecord]] = []

    async def note(self, progress: Any, events: list[tuple[int, EventRecord]]) -> None:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise DatabaseUnavailable("the database does not answer")
        self.events += events


def job(queue: Any, *, followed: bool = True) -> Job:
    return Job(ClaimedJob(5, "0" * 32, 1, order(), durable=True, followed=followed), queue)


def test_events_whose_writing_failed_are_written_later() -> None:
    async def work() -> None:
        queue: Any = FailingQueue(1)
        one = job(queue)
        one.emit(Cleaned(language="ko", lines=1))
        with pytest.raises(DatabaseUnavailable):
            await save_events(queue, [one])
        one.emit(Cleaned(language="ko", lines=2))
        await save_events(queue, [one])
        await save_events(queue, [one])
        assert [(number, event.data) for number, event in queue.events] == [
            (5, '{"language":"ko","lines":1}'),
            (5, '{"language":"ko","lines":2}'),
        ]

    asyncio.run(work())


def test_nothing_is_written_of_jobs_that_nobody_follows_or_that_are_lost() -> None:
    async def work() -> None:
        queue: Any = FailingQueue(0)
        alone, lost = job(queue, followed=False), job(queue)
        for one in (alone, lost):
            one.emit(Cleaned(language="ko", lines=1))
        lost.lose()
        await save_events(queue, [alone, lost])
        assert queue.events == []

    asyncio.run(work())


def test_a_job_that_nobody_here_knows_is_released_at_the_second_look(database: Database) -> None:
    """It was claimed, but the answer to that was lost with the database's connection."""

    async def work() -> None:
        queue = JobQueue(database, "one")
        leases = Leases(queue, {}, lambda job: None)
        await begun(queue, 1)
        expired = update(IngressRow).values(lease_until=0)  # no job keeps the lease up
        await database.write(lambda session: session.execute(expired))
        await leases.renew(30)  # it may be on its way to who runs it
        assert (await queue.state(name(1), "")).status == "running"
        await leases.renew(30)
        assert (await queue.state(name(1), "")).status == "queued"

    asyncio.run(work())


def test_an_unwritten_outcome_is_released_once_the_database_is_back(database: Database) -> None:
    async def work() -> None:
        queue = JobQueue(database, "one")
        leases = Leases(queue, {}, lambda job: None)
        job = await begun(queue, 1)
        leases.unwritten.add((job.id, job.attempt))
        inner, queue.release = queue.release, _fail  # type: ignore[method-assign]
        with pytest.raises(DatabaseUnavailable):
            await leases.renew(30)
        queue.release = inner  # type: ignore[method-assign]
        await leases.renew(30)
        assert (await queue.state(name(1), "")).status == "queued"
        (again,) = await queue.claim(24)
        await leases.renew(30)
        assert await queue.own() == {(again.id, 2): False}

    asyncio.run(work())


async def _fail(*_: Any) -> None:
    raise DatabaseUnavailable("gone")


def test_a_chore_that_fails_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.jobs.chores.AFTER_FAILURE", 0.0)

    async def work() -> None:
        done: asyncio.Queue[int] = asyncio.Queue()
        calls = 0

        async def chore() -> None:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise RuntimeError("once")
            done.put_nowait(calls)

        sooner = asyncio.Event()
        task = repeat(chore, lambda: 60.0, sooner)
        sooner.set()  # the pause after the failure
        assert await asyncio.wait_for(done.get(), 30) == 2
        sooner.set()
        assert await asyncio.wait_for(done.get(), 30) == 3
        task.cancel()

    asyncio.run(work())
