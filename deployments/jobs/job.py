"""One job under way in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from deployments.contract.covers import CoverSet, set_url
from deployments.contract.errors import DatabaseUnavailable, Overloaded, StageUnavailable
from deployments.contract.events import Event
from deployments.contract.problems import problem_of
from deployments.pipeline.pipeline import Pipeline
from deployments.storage.job_queue import Ledger
from deployments.storage.job_records import LAST, STRIDE, Assignment, Ending, Entry
from deployments.telemetry.request_clock import Clock

PAUSES = (0.5, 1.0, 2.0, 4.0)  # before each new try to write down how a job ended


class Journal:
    """Grows until it is closed. Only the event loop's thread uses it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.closed = False
        self._changed = asyncio.Event()

    def write(self, entry: Entry) -> None:
        """Add an event."""
        self.entries.append(entry)
        self._wake()

    def close(self) -> None:
        """Nothing follows."""
        self.closed = True
        self._wake()

    async def follow(self, after: int, silence: float) -> AsyncGenerator[Entry | None]:
        """Every event with a number above `after`, old and new, until the journal is closed.

        None tells that there was nothing for `silence` seconds.
        """
        place = 0
        while True:
            changed = self._changed
            while place < len(self.entries):
                entry = self.entries[place]
                place += 1
                if entry.number > after:
                    yield entry
            if place < len(self.entries):
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
class Work:
    """Does a job and writes down how it ended.

    Attributes:
        journal: what it tells, if anybody may listen.
        lost: to another worker: nothing of it may be written any more.
        begun: its task runs; one that is cancelled before that would never write down how it ended.
        unwanted: it is to be cancelled.
        ending: how it ended is being written, too late to cancel it.
        saved: entries of the journal that the book has, or is about to have.
    """

    assignment: Assignment
    ledger: Ledger
    journal: Journal = field(default_factory=Journal)
    clock: Clock = field(default_factory=Clock)
    lost: bool = False
    begun: bool = False
    unwanted: bool = False
    ending: bool = False
    saved: int = 0
    task: asyncio.Task[CoverSet | None] | None = None

    def tell(self, event: Event) -> None:
        """Put an event into the journal."""
        self._write(len(self.journal.entries) + 1, event.name, event.model_dump_json())

    def _write(self, place: int, name: str, data: str) -> None:
        number = self.assignment.attempt * STRIDE + place
        self.journal.write(Entry(number, name, data))

    def unsaved(self) -> Sequence[Entry]:
        """Events that the book does not have yet; the caller is going to write them."""
        new = self.journal.entries[self.saved :] if self.assignment.told else []
        self.saved += len(new)
        return new

    async def run(self, pipeline: Pipeline, pauses: Sequence[float]) -> CoverSet | None:
        """The covers; None if another worker has the job now.

        Args:
            pipeline: what draws.
            pauses: seconds before each new try of a kept job whose stage is full or restarting.

        Raises:
            CoverError: how else it ended, once that is written down.
        """
        self.begun = True
        try:
            if self.unwanted:
                raise asyncio.CancelledError
            made = await self._make(pipeline, list(pauses) if self.assignment.kept else [])
        except BaseException as error:
            if self.lost:
                return None
            problem = problem_of(error, set_url(self.assignment.id))
            cancelled = isinstance(error, asyncio.CancelledError)
            if await self._end(Ending("cancelled" if cancelled else "failed", problem=problem)):
                await asyncio.to_thread(pipeline.store.delete, self.assignment.id)
            raise
        else:
            return made if await self._end(Ending("done", answer=made)) else None
        finally:
            self.journal.close()

    async def _make(self, pipeline: Pipeline, pauses: list[float]) -> CoverSet:
        while True:
            self.clock = Clock()
            tell = self.tell if self.assignment.told else None
            try:
                order, name = self.assignment.order, self.assignment.id
                return await pipeline.make(order, name, tell, self.clock)
            except (Overloaded, StageUnavailable):
                if not pauses:
                    raise
                await asyncio.sleep(pauses.pop(0))

    async def _end(self, ending: Ending) -> bool:
        self.ending = True
        events, pauses = self.unsaved(), list(PAUSES)
        while True:
            try:
                held = await self.ledger.end(self.assignment, ending, events)
                break
            except DatabaseUnavailable:
                if not pauses:
                    raise
                await asyncio.sleep(pauses.pop(0))
        if held:
            self._write(LAST, *ending.event)
        self.lost = not held
        return held

    def cancel(self) -> None:
        """Give it up, its slots within a step."""
        self.unwanted = True
        if self.task is not None and self.begun and not self.ending:
            self.task.cancel()

    def lose(self) -> None:
        """Stop, for the job is another worker's now."""
        self.lost = True
        self.journal.close()
        self.cancel()
