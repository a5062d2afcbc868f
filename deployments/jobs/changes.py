"""One look into the book for all whom this process keeps waiting, instead of one for each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from deployments.storage.job_queue import Ledger
from deployments.storage.job_records import Glance


@dataclass(eq=False)
class _Waiter:
    seen: Glance
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Watch:
    """Tells of changes to jobs that are not this process's own."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiters: dict[str, set[_Waiter]] = {}

    async def change(self, id: str, seen: Glance, patience: float) -> bool:
        """Wait until a job is no longer as it was seen; False if it still is after `patience` seconds.

        Only events above `seen.event` count as a change.
        """
        waiter = _Waiter(seen)
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

    def tell(self, id: str) -> None:
        """A job was begun or cancelled here: whoever waits for it may look at once."""
        for waiter in self._waiters.get(id, ()):
            waiter.news.set()

    async def look(self) -> None:
        """Compare what the waiting saw with what is in the book."""
        if not self._waiters:
            return
        now = await self._ledger.glance(list(self._waiters))
        for id, waiters in self._waiters.items():
            for waiter in waiters:
                found = now.get(id)
                if found is None or found.news_to(waiter.seen):
                    waiter.news.set()
