"""Listening to jobs, wherever they are worked on, and giving up those that nobody listens to any more."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator

from deployments.contract.errors import NotFound
from deployments.jobs.detached import detached
from deployments.jobs.runner import Runner, queued
from deployments.storage.job_records import LAST, STRIDE, Ending, Entry, Standing


class Listening:
    """Streams of events for the routes."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._listeners: Counter[str] = Counter()
        self._lingering: dict[
            str, str
        ] = {}  # job to client: cancelled when nobody listens for long

    def linger(self, id: str, client: str) -> None:
        """Cancel the job, which a stream of this process brought, once nobody has listened for a while."""
        self._lingering[id] = client

    async def follow(self, id: str, client: str, after: int) -> AsyncGenerator[Entry | None]:
        """What a job tells, from the event after number `after` on; None after each while of silence.

        The job was looked up before, so that a missing one is no surprise here.
        """
        self._listeners[id] += 1
        try:
            async for entry in self._entries(id, client, after):
                yield entry
            self._lingering.pop(id, None)
        finally:
            self._listeners[id] -= 1
            if not self._listeners[id]:
                del self._listeners[id]
                self._expect_return(id)

    async def _entries(self, id: str, client: str, after: int) -> AsyncGenerator[Entry | None]:
        runner, silence = self._runner, self._runner.tunables.heartbeat_s
        last, position = after, 0
        while True:
            work = runner.works.get(id)
            if work is not None and work.assignment.told:
                async for entry in work.journal.follow(last, silence):
                    last = entry.number if entry else last
                    yield entry
                if last % STRIDE == LAST:
                    return
            standing = await runner.ledger.standing(id, client, last, heard=work is None)
            for entry in standing.entries:
                last = entry.number
                yield entry
            if standing.status == "queued" and standing.position != position:
                position, last = standing.position, last + 1
                event = queued(id, position, runner.estimate(standing))
                yield Entry(last, event.name, event.model_dump_json())
            if standing.final:
                if (end := last_entry(standing)).number > after:
                    yield end
                return
            # more than once in a grace period, for it is noted that somebody listens here
            patience = min(silence, max(0.1, runner.tunables.grace_s / 3))
            if not await runner.watch.change(id, standing.glance(last), patience):
                yield None

    def _expect_return(self, id: str) -> None:
        if id in self._lingering:
            grace = self._runner.tunables.grace_s
            loop = asyncio.get_running_loop()
            loop.call_later(grace, lambda: detached(self._give_up(id)))

    async def _give_up(self, id: str) -> None:
        client = self._lingering.get(id)
        if client is None or self._listeners[id]:
            return
        try:
            if await self._runner.ledger.heard_within(id, self._runner.tunables.grace_s):
                self._expect_return(id)
                return
            del self._lingering[id]
            await self._runner.cancel(id, client)
        except (KeyError, NotFound):
            return  # it came back, or is deleted, meanwhile


def last_entry(standing: Standing) -> Entry:
    """The event that ends the stream of a finished job."""
    ending = Ending(standing.status, standing.answer, standing.problem)
    return Entry(standing.attempt * STRIDE + LAST, *ending.event)
