"""Runs jobs: writes them into the queue, claims what there is room for, and holds the lease on them."""

from __future__ import annotations

import asyncio
import logging
import secrets

from deployments.config.user_config import JobTunables
from deployments.contract.covers import MAX_SEED, CoverRequest, CoverSet, events_url, set_url
from deployments.contract.errors import Cancelled, DatabaseUnavailable
from deployments.contract.events import Queued
from deployments.contract.problems import Stored
from deployments.jobs.admission import Admission
from deployments.jobs.changes import JobChanges
from deployments.jobs.chores import Leases, repeat, save_events
from deployments.jobs.detached import detached
from deployments.jobs.generator_replicas import count_running
from deployments.jobs.job import Job
from deployments.pipeline.pipeline import Pipeline
from deployments.storage.job_queue import JobQueue
from deployments.storage.job_records import (
    Accepted,
    ClaimedJob,
    JobState,
    Mode,
    NewJob,
    digest_of,
)
from deployments.telemetry import metrics

_log = logging.getLogger("ray.serve")

PATIENCE = 60.0  # seconds; longer than that nobody waits without a look into the queue
UNSCALED_S = 5.0  # seconds between looks whether `jobs.scaling` was set meanwhile
NEVER = 2**62  # above every event's number: events are no news to who waits for the outcome


class Runner:
    """Accepts, runs and cancels jobs. Lives on one event loop."""

    def __init__(self, pipeline: Pipeline, job_queue: JobQueue) -> None:
        self.pipeline = pipeline
        self.job_queue = job_queue
        self.tunables = JobTunables()
        self.jobs: dict[str, Job] = {}
        self.changes = JobChanges(job_queue)
        self.admission = Admission(self._candidates)
        self.leases = Leases(job_queue, self.jobs, self._drop)
        self.count_running = count_running
        pipeline.calls.look_for_sleepers = self._count_generators
        self._look_sooner = asyncio.Event()
        self._chores: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to claim and run jobs."""
        await self._renew()
        self._chores = [
            repeat(self._renew, lambda: self.tunables.lease_s / 5),
            repeat(self._claim, lambda: self.tunables.poll_s, self._look_sooner),
            repeat(self.leases.obey, lambda: self.tunables.poll_s),
            repeat(self._save, lambda: self.tunables.save_s),
            repeat(self.changes.look, lambda: self.tunables.look_s),
            repeat(self._count_generators, self._count_pause),
        ]

    async def stop(self) -> None:
        """End; unfinished jobs are requeued for other ingresses."""
        for chore in self._chores:
            chore.cancel()
        recording = [job.task for job in self.jobs.values() if job.recording and job.task]
        for job in list(self.jobs.values()):
            self._drop(job)
        if recording:
            await asyncio.wait(recording, timeout=PATIENCE)
        try:
            await self.job_queue.leave()
        except DatabaseUnavailable:
            _log.warning(
                "jobs were not requeued: others take them over when this ingress's lease ends"
            )

    # ---- for the routes ----

    async def accept(
        self,
        request: CoverRequest,
        mode: Mode = Mode.WAIT,
        *,
        client: str = "",
        key: str | None = None,
    ) -> Accepted:
        """Write a request into the queue, and begin it if there is room.

        Args:
            request: what is asked for.
            mode: how the client gets the answer.
            client: whose it is.
            key: the client's idempotency key; with one, the job is done whatever becomes of its connection.

        Raises:
            KeyReused: the key came with another request before.
            Overloaded: too many wait already.
        """
        seed = request.seed if request.seed is not None else secrets.randbelow(MAX_SEED + 1)
        seeded = request.model_copy(update={"seed": seed})
        job = NewJob(seeded, digest_of(request), mode, client, key)
        writing = asyncio.create_task(self._accept(job))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            detached(self._take_back(writing, client))
            raise

    async def _accept(self, job: NewJob) -> Accepted:
        capacity = self.admission.capacity(job.mode, self.tunables)
        with self.admission.promised(job.request.candidates, self.tunables):
            accepted = await self.job_queue.accept(job, capacity, self.tunables.lease_s)
        if accepted.claimed is not None:
            self._begin(accepted.claimed)
        elif accepted.new:
            self._look_sooner.set()  # there may be room by now
        return accepted

    async def _take_back(self, writing: asyncio.Task[Accepted], client: str) -> None:
        """Abandon a job whose client left before it was accepted."""
        accepted = await writing
        if accepted.new:
            await self.abandon(accepted.id, client)

    async def result(self, accepted: Accepted, client: str = "") -> CoverSet:
        """The covers of a job, waited for; a caller that leaves takes along a job that is not durable.

        Raises:
            CoverError: how it ended otherwise.
        """
        try:
            while True:
                job = self.jobs.get(accepted.id)
                if job is not None and job.task is not None:
                    covers = await asyncio.shield(job.task)
                    if covers is not None:
                        return covers
                state = await self.job_queue.state(accepted.id, client)
                if state.answer is not None:
                    return state.answer
                if state.problem is not None:
                    raise Stored(state.problem)
                version = state.version(NEVER, line=False)
                await self.changes.change(accepted.id, version, PATIENCE)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and not task.cancelling():  # it was the job that was cancelled
                raise Cancelled("the job was cancelled") from None
            if accepted.new:
                detached(self.abandon(accepted.id, client))
            raise

    async def cancel(self, id: str, client: str = "") -> bool:
        """Cancel a job, its slots within a step if this process runs it; False if it is finished.

        Raises:
            NotFound: the client has no such job.
        """
        cancelled = await self.job_queue.cancel(id, client)
        if cancelled and (job := self.jobs.get(id)) is not None:
            job.cancel()
        self.changes.notify(id)
        return cancelled

    async def abandon(self, id: str, client: str = "") -> None:
        """Cancel a job that nobody waits for any more, unless it is durable."""
        job = self.jobs.get(id)
        if job is None:
            state = await self.job_queue.state(id, client)
            if not (state.durable or state.final):
                await self.cancel(id, client)  # it may have begun meanwhile
        elif not job.claimed.durable:
            job.cancel()

    def estimate(self, state: JobState) -> float:
        """Seconds until a job is done, by the recent drawing rate, and a start if no Generator runs."""
        return self.admission.estimate(state.ahead, self.tunables)

    # ---- running jobs ----

    def _candidates(self) -> int:
        return sum(job.claimed.request.candidates for job in self.jobs.values())

    def _begin(self, claimed: ClaimedJob) -> None:
        if (old := self.jobs.get(claimed.id)) is not None:
            self._drop(old)
        job = self.jobs[claimed.id] = Job(claimed, self.job_queue)
        job.emit(queued(claimed.id, 0, self.admission.estimate(self._candidates(), self.tunables)))
        job.task = detached(self._run(job))
        job.task.add_done_callback(_retrieve)
        self.changes.notify(claimed.id)

    async def _run(self, job: Job) -> CoverSet | None:
        loop = asyncio.get_running_loop()
        started, beside = loop.time(), self._candidates()
        awaited_start = self.admission.generators.asleep
        try:
            covers = await job.run(self.pipeline, self.tunables.pauses_s)
            if not awaited_start:
                self.admission.rate.learn(loop.time() - started, max(beside, self._candidates()))
            return covers
        finally:
            self._drop(job)
            if job.unwritten:
                self.leases.unwritten.add((job.claimed.id, job.claimed.attempt))
            self._look_sooner.set()

    def _drop(self, job: Job) -> None:
        """Have no more to do with a job; stop it if it is not at its end."""
        if self.jobs.get(job.claimed.id) is job:
            del self.jobs[job.claimed.id]
        if not job.recording:
            job.lose()

    # ---- chores ----

    async def _renew(self) -> None:
        await self.leases.renew(self.tunables.lease_s)

    async def _claim(self) -> None:
        """Begin jobs that wait, as many as there is room for."""
        waiting = await self.job_queue.waiting()
        metrics.JOBS_WAITING.set(waiting)
        room = self.admission.room(self.tunables)
        if waiting and room > 0:
            for claimed in await self.job_queue.claim(room, self.tunables.lease_s):
                metrics.JOBS_TAKEN_UP.add(claimed.attempt > 1)
                self._begin(claimed)

    async def _count_generators(self) -> None:
        running, calls = 1, self.pipeline.calls
        if self.tunables.scaling is not None:
            name = calls.stages.generator.deployment_name
            running = await asyncio.to_thread(self.count_running, name)
        self.admission.generators.note(running, wanted=bool(self.jobs))
        calls.asleep = () if running else calls.sharing("generator")
        if self.tunables.scaling is not None and running:
            await calls.infos()  # asked once, while there is one to ask

    def _count_pause(self) -> float:
        return self.tunables.scaling.look_s if self.tunables.scaling else UNSCALED_S

    async def _save(self) -> None:
        await save_events(self.job_queue, self.jobs.values())


def queued(id: str, position: int, seconds: float) -> Queued:
    """The event of an accepted job."""
    return Queued(
        id=id,
        url=set_url(id),
        events_url=events_url(id),
        position=position,
        estimate_seconds=seconds,
    )


def _retrieve(task: asyncio.Task[CoverSet | None]) -> None:
    """Take a task's exception, which nobody may wait for: its outcome is in the queue."""
    if not task.cancelled():
        task.exception()
