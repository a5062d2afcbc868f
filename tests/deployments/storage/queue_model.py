"""Ingresses over one database, step by step: each may be cut between any two statements, and the clock is set.

The queue, the leases, the outcomes and the history are the real ones; only the drawing is left out.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from deployments.contract.covers import CoverRequest, CoverSet
from deployments.contract.errors import Cancelled, DatabaseUnavailable, StageUnavailable
from deployments.jobs.chores import Leases, save_events
from deployments.jobs.job import Job
from deployments.jobs.runner import queued
from deployments.storage.database import Database
from deployments.storage.history import History
from deployments.storage.job_queue import JobQueue
from deployments.storage.job_records import ClaimedJob, NewJob, digest_of
from tests.deployments.sets import covers

LEASE = 10.0
CLOCKS = (
    "((julianday('now') - 2440587.5) * 86400.0)",
    "extract(epoch from clock_timestamp())::float8",
)

TABLES = ("survey_answers", "events", "ratings", "jobs", "workers")


class Crashed(BaseException):
    """The process ended here."""


class Fault:
    """What happens before a statement, or after a commit: places are counted from 0 within a step.

    Args:
        place: where.
        act: raises, or does what another process does at this moment.
    """

    def __init__(self, place: int, act: Callable[[bool], None]) -> None:
        self.place, self.act = place, act


def crash(_: bool) -> None:
    """kill -9."""
    raise Crashed


def lose_connection(committed: bool) -> None:
    """The database's answer does not arrive, whether it did what it was told or not."""
    if committed:
        raise DatabaseUnavailable("the database does not answer")
    raise OperationalError("", {}, Exception("the connection is lost"))


class StepDatabase(Database):
    """Transactions in the caller's thread, by a clock that is set, with a fault where one is wanted."""

    def __init__(self, url: str | None, folder: Path) -> None:
        super().__init__(url, folder)
        self.now = 1_000_000.0
        self.statements = 0
        self._place: itertools.count[int] = itertools.count()
        self._fault: Fault | None = None

        @event.listens_for(self.engine, "connect")
        def _connected(connection: Any, _: Any) -> None:
            quick = ["PRAGMA synchronous=OFF", "PRAGMA busy_timeout=0"]
            if self.url.get_backend_name() == "postgresql":
                quick = ["set lock_timeout = '4ms'", "set synchronous_commit = off"]
            cursor = connection.cursor()
            for setting in quick:
                cursor.execute(setting)
            cursor.close()
            if self.url.get_backend_name() == "postgresql":
                connection.commit()

        @event.listens_for(self.engine, "before_cursor_execute", retval=True)
        def _before(_c: Any, _u: Any, statement: str, parameters: Any, *_: Any) -> Any:
            self.statements += 1
            self._pass(committed=False)
            for clock in CLOCKS:
                statement = statement.replace(clock, f"({self.now:.3f})")
            return statement, parameters

    def arm(self, fault: Fault | None) -> None:
        """A new step begins."""
        self._place, self._fault = itertools.count(), fault

    def _pass(self, *, committed: bool) -> None:
        fault = self._fault
        if fault is not None and next(self._place) == fault.place:
            self._fault = None
            fault.act(committed)

    async def read(self, work: Callable[..., Any]) -> Any:
        return self._inline(work, False)

    async def write(self, work: Callable[..., Any]) -> Any:
        return self._inline(work, True)

    def _inline(self, work: Callable[..., Any], writing: bool) -> Any:
        result = self._do(work, writing)
        if writing:
            self._pass(committed=True)
        return result

    def rows(self, query: str) -> Sequence[Any]:
        """What is in the database, unseen by faults."""
        armed, self._fault = self._fault, None
        try:
            with self.engine.connect().execution_options(writing=False) as connection:
                return list(connection.execute(text(query)))
        finally:
            self._fault = armed

    def migrate(self) -> None:
        """Make the tables, which PostgreSQL does not lock to vacuum them: a step would not get through."""
        super().migrate()
        if self.url.get_backend_name() == "postgresql":
            with self.engine.begin() as connection:
                for table in TABLES:
                    connection.execute(text(f"alter table {table} set (autovacuum_enabled = off)"))

    def clear(self) -> None:
        """Delete all rows."""
        with self.engine.begin() as connection:
            if self.url.get_backend_name() == "postgresql":
                connection.execute(text(f"truncate {', '.join(TABLES)}"))
                return
            for table in TABLES:
                connection.execute(text(f"delete from {table}"))


class NoPictures:
    """An `ImageStore` without pictures."""

    def delete(self, name: str) -> None:
        """Nothing is there."""


class Drawing:
    """A pipeline that draws at once, or fails."""

    store = NoPictures()

    def __init__(self, *, fails: bool) -> None:
        self._fails = fails

    async def make(self, _request: CoverRequest, id: str, *_: Any) -> CoverSet:
        """See `Pipeline.make`."""
        if self._fails:
            raise StageUnavailable("the generator ended")
        return covers(id)


class Ingress:
    """A process: what it does is one step each, as the runner does it."""

    def __init__(self, database: StepDatabase, name: str) -> None:
        self.name = name
        self.queue = JobQueue(database, name)
        self.jobs: dict[str, Job] = {}
        self.leases = Leases(self.queue, self.jobs, self._drop)
        self.history = History(database, NoPictures())  # type: ignore[arg-type]

    def begin(self, claimed: ClaimedJob) -> Job:
        """Have a job from now on."""
        if (old := self.jobs.get(claimed.id)) is not None:
            self._drop(old)
        job = self.jobs[claimed.id] = Job(claimed, self.queue)
        return job

    def _drop(self, job: Job) -> None:
        if self.jobs.get(job.claimed.id) is job:
            del self.jobs[job.claimed.id]
        if not job.recording:
            job.lose()

    async def tell(self, job: Job, count: int) -> None:
        """Emit events, and write down those of all jobs."""
        for _ in range(count):
            job.emit(queued(job.claimed.id, 0, 0.0))
        try:
            await save_events(self.queue, self.jobs.values())
        finally:
            for each in self.jobs.values():
                each.saving = None  # it has ended, in a loop that is gone

    async def finish(self, job: Job, *, fails: bool) -> str:
        """Draw it and write down how it ended: the status that its client was given, or "" for none."""
        try:
            made = await job.run(Drawing(fails=fails), [])  # type: ignore[arg-type]
            return "done" if made is not None else ""
        except (asyncio.CancelledError, Cancelled):
            return "cancelled"
        except StageUnavailable:
            return "failed"
        finally:
            self._drop(job)
            if job.unwritten:
                self.leases.unwritten.add((job.claimed.id, job.claimed.attempt))

    async def cancel(self, id: str, client: str) -> bool:
        """Cancel a job, which this process or another has, or nobody."""
        cancelled = await self.queue.cancel(id, client)
        if cancelled and (job := self.jobs.get(id)) is not None:
            job.cancel()
        return cancelled


def new_job(number: int, mode: Any, client: str, key: str | None, candidates: int) -> NewJob:
    """A request; those of one key are the same."""
    lyrics = f"song {key or number}"
    order = CoverRequest.model_validate({"lyrics": lyrics, "seed": 7, "candidates": candidates})
    return NewJob(order, digest_of(order), mode, client, key, id=f"{number:032x}")


class Steps:
    """Runs steps on an event loop; one that is taken within another, on a second one."""

    def __init__(self) -> None:
        self._loops = [asyncio.Runner(), asyncio.Runner()]
        self._beside = ThreadPoolExecutor(1)
        self._inside = False

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        """What it returns."""
        if self._inside:
            return self._beside.submit(self._loops[1].run, step).result()
        self._inside = True
        try:
            return self._loops[0].run(step)
        finally:
            self._inside = False

    def close(self) -> None:
        """End the loops."""
        self._beside.submit(self._loops[1].close).result()
        self._beside.shutdown()
        self._loops[0].close()


async def answered(step: Awaitable[Any]) -> Any:
    """What a step returns; None if the database did not answer."""
    try:
        return await step
    except DatabaseUnavailable:
        return None
