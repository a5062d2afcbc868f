"""What an ingress repeats for the jobs it runs: renew the lease, obey cancellations, save events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping

from deployments.jobs.job import Job
from deployments.storage.job_queue import JobQueue

AFTER_FAILURE = 1.0  # seconds

_log = logging.getLogger("ray.serve")


def repeat(
    chore: Callable[[], Awaitable[None]],
    pause: Callable[[], float],
    sooner: asyncio.Event | None = None,
) -> asyncio.Task[None]:
    """Do a chore again and again, whatever it meets with.

    Args:
        chore: an exception of it is logged.
        pause: seconds from its end to its next beginning.
        sooner: ends the pause when it is set.
    """
    signal = sooner or asyncio.Event()

    async def forever() -> None:
        while True:
            try:
                await chore()
            except Exception:
                _log.exception("a chore of the jobs failed and is done again")
                await asyncio.sleep(AFTER_FAILURE)
            try:
                async with asyncio.timeout(pause()):
                    await signal.wait()
                signal.clear()
            except TimeoutError:
                continue

    return asyncio.create_task(forever())


class Leases:
    """Keeps the jobs of this process and those that the queue has under its lease the same.

    Args:
        jobs: those that this process runs, by id.
        drop: ends a job here that is another ingress's now.

    Attributes:
        unwritten: (id, attempt) of jobs that ended here and whose outcome could not be written.
    """

    def __init__(
        self, job_queue: JobQueue, jobs: Mapping[str, Job], drop: Callable[[Job], None]
    ) -> None:
        self._job_queue = job_queue
        self._jobs = jobs
        self._drop = drop
        self.unwritten: set[tuple[str, int]] = set()
        self._unknown: set[tuple[str, int]] = set()

    async def renew(self, lease_s: float) -> None:
        """Renew the lease while there are jobs; requeue what others left, while there are none."""
        if unwritten := frozenset(self.unwritten):
            await self._job_queue.release(unwritten)
            self.unwritten -= unwritten
        if not (self._jobs or self._unknown or await self._job_queue.orphans()):
            return
        before = list(self._jobs.values())
        leased = await self._job_queue.renew(lease_s)
        self._compare(before, leased)
        # A job that was accepted as the database went away is this ingress's, which knows nothing of it.
        unknown = {job for job in leased if job[0] not in self._jobs}
        if forgotten := unknown & self._unknown:
            await self._job_queue.release(forgotten)
        self._unknown = unknown - forgotten

    async def obey(self) -> None:
        """Stop what was cancelled at another process."""
        if before := list(self._jobs.values()):
            self._compare(before, await self._job_queue.own())

    def _compare(self, jobs: Collection[Job], leased: Mapping[tuple[str, int], bool]) -> None:
        """Stop what is to be cancelled, and what the queue gave to another ingress."""
        for job in jobs:
            cancelled = leased.get((job.claimed.id, job.claimed.attempt))
            if job.recording or (job.task is not None and job.task.done()):
                continue
            if cancelled is None:
                self._drop(job)
            elif cancelled:
                job.cancel()


async def save_events(job_queue: JobQueue, jobs: Collection[Job]) -> None:
    """Write down the new events of followed jobs, and how far those jobs are; again later if that fails."""
    unsaved = [(job, events) for job in jobs if not job.lost and (events := job.unsaved())]
    rows = [(job.claimed.number, event) for job, events in unsaved for event in events]
    progress = [
        (job.claimed.number, job.claimed.attempt, job.clock.current, job.clock.timings())
        for job, _ in unsaved
    ]
    if not rows:
        return

    async def write() -> None:
        try:
            await job_queue.note(progress, rows)
        except BaseException:
            for job, events in unsaved:
                job.saved -= len(events)
            raise

    saving = asyncio.create_task(write())
    for job, _ in unsaved:
        job.saving = saving
    await saving
