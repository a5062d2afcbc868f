"""One job under way in this process, and the log of its events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from deployments.contract.covers import CoverSet, set_url
from deployments.contract.errors import (
    Cancelled,
    DatabaseUnavailable,
    Overloaded,
    StageUnavailable,
)
from deployments.contract.events import Event
from deployments.contract.problems import problem_of
from deployments.pipeline.pipeline import Pipeline
from deployments.storage.job_queue import JobQueue
from deployments.storage.job_records import LAST, STRIDE, ClaimedJob, EventRecord, JobOutcome
from deployments.telemetry.request_clock import RequestClock

PAUSES = (0.5, 1.0, 2.0, 4.0)  # before each new try to write down how a job ended


class EventLog:
    """The events of one job in order, for listeners that come late, leave and come back.

    Only the event loop's thread uses it.
    """

    def __init__(self) -> None:
        self.events: list[EventRecord] = []
        self.closed = False
        self._changed = asyncio.Event()

    def write(self, event: EventRecord) -> None:
        """Add an event."""
        self.events.append(event)
        self._wake()

    def close(self) -> None:
        """Nothing follows."""
        self.closed = True
        self._wake()

    async def follow(self, after: int, silence: float) -> AsyncGenerator[EventRecord | None]:
        """Every event with a number above `after`, old and new, until the log is closed.

        None after each `silence` seconds without an event.
        """
        place = 0
        while True:
            changed = self._changed
            while place < len(self.events):
                event = self.events[place]
                place += 1
                if event.number > after:
                    yield event
            if place < len(self.events):
                continue
            if self.closed:
                return
            try:
                async with asyncio.timeout(silence):
                    await changed.wait()
            except TimeoutError:
                yield None

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


@dataclass(eq=False)
class Job:
    """Runs a job and records its outcome.

    Attributes:
        event_log: its events, if anybody may listen.
        lost: to another ingress: nothing of it may be written any more.
        begun: its task runs; one that is cancelled before that would never record its outcome.
        unwanted: it is to be cancelled.
        recording: its outcome is being written, too late to cancel it.
        unwritten: how it ended is not in the queue, or maybe not.
        saved: events that the queue has, or is about to have.
        saving: writes the latest of them.
    """

    claimed: ClaimedJob
    job_queue: JobQueue
    event_log: EventLog = field(default_factory=EventLog)
    clock: RequestClock = field(default_factory=RequestClock)
    lost: bool = False
    begun: bool = False
    unwanted: bool = False
    recording: bool = False
    unwritten: bool = False
    saved: int = 0
    saving: asyncio.Task[None] | None = None
    task: asyncio.Task[CoverSet | None] | None = None

    def emit(self, event: Event) -> None:
        """Put an event into the log."""
        self._write(len(self.event_log.events) + 1, event.name, event.model_dump_json())

    def _write(self, place: int, name: str, data: str) -> None:
        number = self.claimed.attempt * STRIDE + place
        self.event_log.write(EventRecord(number, name, data))

    def unsaved(self) -> Sequence[EventRecord]:
        """Events that the queue does not have yet; the caller is going to write them."""
        new = self.event_log.events[self.saved :] if self.claimed.followed else []
        self.saved += len(new)
        return new

    async def run(self, pipeline: Pipeline, pauses: Sequence[float]) -> CoverSet | None:
        """The covers; None if another ingress has the job now.

        Args:
            pipeline: what draws.
            pauses: seconds before each new try of a durable job whose stage is full or restarting.

        Raises:
            CoverError: how else it ended, once that is written down.
        """
        self.begun = True
        try:
            if self.unwanted:
                raise asyncio.CancelledError
            covers = await self._make(pipeline, list(pauses) if self.claimed.durable else [])
        except BaseException as error:
            if self.lost:
                return None
            await self._give_up(pipeline, error)
            raise
        else:
            try:
                return covers if await self._record(JobOutcome("done", answer=covers)) else None
            except Cancelled as error:  # at another process, and its client was told so
                await self._give_up(pipeline, error)
                raise
        finally:
            self.event_log.close()

    async def _give_up(self, pipeline: Pipeline, error: BaseException) -> None:
        """Write down that there are no covers, and delete those that are stored."""
        problem = problem_of(error, set_url(self.claimed.id))
        cancelled = isinstance(error, asyncio.CancelledError | Cancelled)
        if await self._record(JobOutcome("cancelled" if cancelled else "failed", problem=problem)):
            await asyncio.to_thread(pipeline.store.delete, self.claimed.id)

    async def _make(self, pipeline: Pipeline, pauses: list[float]) -> CoverSet:
        while True:
            self.clock = RequestClock()
            emit = self.emit if self.claimed.followed else None
            try:
                request, id = self.claimed.request, self.claimed.id
                return await pipeline.make(request, id, emit, self.clock)
            except (Overloaded, StageUnavailable):
                if not pauses:
                    raise
                await asyncio.sleep(pauses.pop(0))

    async def _record(self, outcome: JobOutcome) -> bool:
        """Write the outcome down; False if the job is another ingress's by now."""
        self.recording = self.unwritten = True
        if self.saving is not None:  # who sees the outcome looks for no later events
            await asyncio.wait([self.saving])
        events, pauses = self.unsaved(), list(PAUSES)
        while True:
            try:
                held = await self.job_queue.end(self.claimed, outcome, events)
                break
            except DatabaseUnavailable:
                if not pauses:
                    raise
                await asyncio.sleep(pauses.pop(0))
        if held:
            self._write(LAST, *outcome.event)
        self.lost, self.unwritten = not held, False
        return held

    def cancel(self) -> None:
        """Give it up, its slots within a step."""
        self.unwanted = True
        if self.task is not None and self.begun and not self.recording:
            self.task.cancel()

    def lose(self) -> None:
        """Stop, for the job is another ingress's now."""
        self.lost = True
        self.event_log.close()
        self.cancel()
