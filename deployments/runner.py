"""Runs jobs, each a request for covers, and keeps what they tell for whoever listens."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from deployments import problems
from deployments.detachment import detached
from deployments.errors import NotFound
from deployments.events import Event, Queued
from deployments.journal import Entry, Journal
from deployments.pace import Pace
from deployments.pipeline import Pipeline
from deployments.schemas import CoverRequest, CoverSet
from deployments.tunables import JobTunables

KEPT_SECONDS = 300.0


@dataclass(eq=False)
class Job:
    """A request under way in this process, or just ended."""

    id: str
    order: CoverRequest
    journal: Journal = field(default_factory=Journal)
    listeners: int = 0
    task: asyncio.Task[CoverSet] | None = None

    def write(self, event: Event) -> None:
        """Put an event into the journal."""
        number = len(self.journal.entries) + 1
        self.journal.write(Entry(number, event.name, event.model_dump_json()))


class Runner:
    """Starts, follows and ends jobs. Lives on one event loop."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.tunables = JobTunables()
        self._jobs: dict[str, Job] = {}
        self._pace = Pace()

    async def make(self, order: CoverRequest) -> CoverSet:
        """Covers for a caller who waits for them alone; cancelled with the caller."""
        return await self.pipeline.make(order)

    def start(self, order: CoverRequest) -> Job:
        """Begin a job that tells its events and outlives a lost connection for a while."""
        job = Job(uuid.uuid4().hex, order)
        self._jobs[job.id] = job
        job.write(queued(job.id, 0, self._pace.estimate(order.candidates)))
        job.task = detached(self._run(job))
        return job

    def find(self, name: str) -> Job:
        """The job called `name`.

        Raises:
            NotFound: there is none here.
        """
        if name not in self._jobs:
            raise NotFound(f"there is no job {name[:40]!r} to listen to")
        return self._jobs[name]

    async def follow(self, job: Job, after: int) -> AsyncGenerator[Entry | None]:
        """What the job tells, from the event after number `after` on; None for each heartbeat's silence.

        When nobody has listened for the grace period, the job is cancelled.
        """
        job.listeners += 1
        try:
            async for entry in job.journal.follow(after, self.tunables.heartbeat_s):
                yield entry
        finally:
            job.listeners -= 1
            if not (job.listeners or job.journal.closed):
                loop = asyncio.get_running_loop()
                loop.call_later(self.tunables.grace_s, self._leave, job)

    def _leave(self, job: Job) -> None:
        if job.task and not (job.listeners or job.task.done()):
            job.task.cancel()

    async def _run(self, job: Job) -> CoverSet:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            made = await self.pipeline.make(job.order, job.id, job.write)
            self._pace.learn(loop.time() - started, job.order.candidates)
            self._end(job, "done", made.model_dump_json())
            return made
        except BaseException as error:
            problem = problems.problem_of(error, f"/v1/covers/{job.id}")
            self._end(job, "error", problem.model_dump_json())
            raise
        finally:
            loop.call_later(KEPT_SECONDS, self._jobs.pop, job.id, None)

    def _end(self, job: Job, name: str, data: str) -> None:
        job.journal.write(Entry(len(job.journal.entries) + 1, name, data))
        job.journal.close()


def queued(name: str, position: int, seconds: float) -> Queued:
    """The event of an accepted job."""
    url = f"/v1/covers/{name}"
    return Queued(
        id=name, url=url, events_url=f"{url}/events", position=position, estimate_seconds=seconds
    )
