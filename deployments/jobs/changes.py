"""One look into the queue for all that wait in this process, instead of one for each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from deployments.storage.job_queue import JobQueue
from deployments.storage.job_records import JobVersion


@dataclass(eq=False)
class _Waiter:
    known: JobVersion
    news: asyncio.Event = field(default_factory=asyncio.Event)


class JobChanges:
    """Wakes those that wait for changes to jobs which this process does not run."""

    def __init__(self, job_queue: JobQueue) -> None:
        self._job_queue = job_queue
        self._waiters: dict[str, set[_Waiter]] = {}

    async def change(self, id: str, known: JobVersion, patience: float) -> bool:
        """Wait until a job is no longer as it is known; False if it still is after `patience` seconds.

        Only events above `known.event` count as a change.
        """
        waiter = _Waiter(known)
        self._waiters.setdefault(id, set()).add(waiter)
        try:
            async with asyncio.timeout(patience):
                await waiter.news.wait()
            return True
        except TimeoutError:
            return False
        finally:
            self._waiters[id].discard(waiter)
            if not self._waiters[id]:
                del self._waiters[id]

    def notify(self, id: str) -> None:
        """Wake those that wait for a job: it was begun or cancelled here."""
        for waiter in self._waiters.get(id, ()):
            waiter.news.set()

    async def look(self) -> None:
        """Compare what the waiting saw with what is in the queue."""
        if not self._waiters:
            return
        versions = await self._job_queue.versions(list(self._waiters))
        for id, waiters in self._waiters.items():
            for waiter in waiters:
                version = versions.get(id)
                if version is None or version.news_to(waiter.known):
                    waiter.news.set()
