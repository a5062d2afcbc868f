"""Event streams of jobs, wherever they run; jobs that nobody listens to any more are cancelled."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator

from deployments.contract.errors import NotFound
from deployments.jobs.detached import detached
from deployments.jobs.runner import Runner, queued
from deployments.storage.job_records import LAST, STRIDE, EventRecord, JobOutcome, JobState


class EventStreams:
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

    async def follow(self, id: str, client: str, after: int) -> AsyncGenerator[EventRecord | None]:
        """What a job tells, from the event after number `after` on; None after each while of silence.

        The job was looked up before, so that a missing one is no surprise here.
        """
        self._listeners[id] += 1
        try:
            async for event in self._events(id, client, after):
                yield event
            self._lingering.pop(id, None)
        finally:
            self._listeners[id] -= 1
            if not self._listeners[id]:
                del self._listeners[id]
                self._expect_return(id)

    async def _events(self, id: str, client: str, after: int) -> AsyncGenerator[EventRecord | None]:
        runner, silence = self._runner, self._runner.tunables.heartbeat_s
        last, position = after, 0
        while True:
            job = runner.jobs.get(id)
            if job is not None and job.claimed.followed:
                async for event in job.event_log.follow(last, silence):
                    last = event.number if event else last
                    yield event
                if last % STRIDE == LAST:
                    return
            state = await runner.job_queue.state(id, client, last, note_listener=job is None)
            for event in state.events:
                last = event.number
                yield event
            if state.status == "queued" and state.position != position:
                position, last = state.position, last + 1
                place = queued(id, position, runner.estimate(state))
                yield EventRecord(last, place.name, place.model_dump_json())
            if state.final:
                if (end := last_event(state)).number > after:
                    yield end
                return
            # more than once in a grace period, for it is noted that somebody listens here
            patience = min(silence, max(0.1, runner.tunables.grace_s / 3))
            if not await runner.changes.change(id, state.version(last), patience):
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
            if await self._runner.job_queue.heard_within(id, self._runner.tunables.grace_s):
                self._expect_return(id)
                return
            del self._lingering[id]
            await self._runner.cancel(id, client)
        except (KeyError, NotFound):
            return  # it came back, or is deleted, meanwhile


def last_event(state: JobState) -> EventRecord:
    """The event that ends the stream of a finished job."""
    outcome = JobOutcome(state.status, state.answer, state.problem)
    return EventRecord(state.attempt * STRIDE + LAST, *outcome.event)
