"""Runs jobs: writes them into the book, takes from it what there is room for, and renews its lease on them."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping

from deployments.config.user_config import JobTunables
from deployments.contract.covers import MAX_CANDIDATES, CoverRequest, CoverSet, events_url, set_url
from deployments.contract.errors import Cancelled, LineFull, Overloaded
from deployments.contract.events import Queued
from deployments.contract.problems import Stored
from deployments.jobs.admission import Pace
from deployments.jobs.changes import Watch
from deployments.jobs.detached import detached
from deployments.jobs.job import Work
from deployments.pipeline.pipeline import Pipeline
from deployments.storage.job_queue import Ledger
from deployments.storage.job_records import Accepted, Assignment, Standing, digest_of
from deployments.telemetry import metrics

PATIENCE = 60.0  # longer than that nobody waits without a look of his own
NEVER = 2**62  # above every event's number: events are no news to who waits for the end

AFTER_FAILURE = 1.0

LONGEST_MOMENT = 1.0
SHARE_OF_WAIT = 0.1
"""Of the time that a connected client may wait: a full line does not run empty in so little of it."""

_log = logging.getLogger("ray.serve")


class Runner:
    """Accepts, does and cancels jobs. Lives on one event loop."""

    def __init__(self, pipeline: Pipeline, ledger: Ledger) -> None:
        self.pipeline = pipeline
        self.ledger = ledger
        self.tunables = JobTunables()
        self.works: dict[str, Work] = {}
        self.pace = Pace()
        self.watch = Watch(ledger)
        self._promised = 0  # candidates of requests that are being written into the book
        self._look_sooner = asyncio.Event()
        self._strange: set[tuple[str, int]] = set()
        self._chores: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take up work."""
        await self._renew()
        self._chores = [
            self._repeat(self._renew, lambda: self.tunables.lease_s / 5),
            self._repeat(self._claim, lambda: self.tunables.poll_s, self._look_sooner),
            self._repeat(self._obey, lambda: self.tunables.poll_s),
            self._repeat(self._save, lambda: self.tunables.save_s),
            self._repeat(self.watch.look, lambda: self.tunables.look_s),
        ]

    async def stop(self) -> None:
        """End; unfinished jobs go back into the book for other workers."""
        for chore in self._chores:
            chore.cancel()
        ending = [work.task for work in self.works.values() if work.ending and work.task]
        for work in list(self.works.values()):
            self._drop(work)
        if ending:
            await asyncio.wait(ending, timeout=PATIENCE)
        await self.ledger.leave()

    # ---- for the routes ----

    async def accept(
        self,
        order: CoverRequest,
        *,
        client: str = "",
        kept: bool = False,
        told: bool = False,
        later: bool = False,
        key: str | None = None,
    ) -> Accepted:
        """Write a request into the book, and begin it if there is room.

        Args:
            order: what is asked for.
            client: whose it is.
            kept: do it whatever becomes of its connection and of this process.
            told: somebody may listen to it.
            later: the client comes back for it, so that it may wait in line for longer than a connected one.
            key: the client's idempotency key; it keeps the job as well.

        Raises:
            KeyReused: the key came with another request before.
            Overloaded: too many wait already.
        """
        writing = asyncio.create_task(
            self._accept(order, client, kept or key is not None, told, later, key)
        )
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            detached(self._take_back(writing, client))
            raise

    async def _accept(
        self,
        order: CoverRequest,
        client: str,
        kept: bool,
        told: bool,
        later: bool,
        key: str | None,
    ) -> Accepted:
        seed = order.seed if order.seed is not None else secrets.randbelow(2**32)
        room = self._room()
        self._promised += order.candidates
        try:
            accepted = await self.ledger.accept(
                uuid.uuid4().hex,
                order.model_copy(update={"seed": seed}),
                client=client,
                kept=kept,
                told=told,
                key=key,
                digest=digest_of(order),
                room=room,
                waiting=self.tunables.waiting,
                ahead=math.inf if later else self._patience(),
                lease=self.tunables.lease_s,
            )
        except Overloaded as full:
            wait = self.pace.estimate(self.tunables.drawing)
            moment = min(LONGEST_MOMENT, SHARE_OF_WAIT * self.tunables.wait_s)
            raise LineFull(str(full), max(1, round(wait)), moment) from None
        finally:
            self._promised -= order.candidates
        if accepted.assignment is not None:
            self._begin(accepted.assignment)
        elif accepted.new:
            self._look_sooner.set()  # there may be room by now
        return accepted

    async def _take_back(self, writing: asyncio.Task[Accepted], client: str) -> None:
        """Whoever sent a request left before it was accepted."""
        accepted = await writing
        if accepted.new:
            await self.abandon(accepted.id, client)

    async def result(self, accepted: Accepted, client: str = "") -> CoverSet:
        """The covers of a job, waited for; a caller that leaves takes along a job that is not kept.

        Raises:
            CoverError: how it ended otherwise.
        """
        try:
            while True:
                work = self.works.get(accepted.id)
                if work is not None and work.task is not None:
                    made = await asyncio.shield(work.task)
                    if made is not None:
                        return made
                standing = await self.ledger.standing(accepted.id, client)
                if standing.answer is not None:
                    return standing.answer
                if standing.problem is not None:
                    raise Stored(standing.problem)
                seen = standing.glance(NEVER, line=False)
                await self.watch.change(accepted.id, seen, PATIENCE)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and not task.cancelling():  # it was the job that was cancelled
                raise Cancelled("the job was cancelled") from None
            if accepted.new:
                detached(self.abandon(accepted.id, client))
            raise

    async def cancel(self, id: str, client: str = "") -> bool:
        """Cancel a job, its slots within a step if it is drawn for this process; False if it is finished.

        Raises:
            NotFound: the client has no such job.
        """
        cancelled = await self.ledger.cancel(id, client)
        if cancelled and (work := self.works.get(id)) is not None:
            work.cancel()
        self.watch.tell(id)
        return cancelled

    async def abandon(self, id: str, client: str = "") -> None:
        """Cancel a job that nobody waits for any more, unless it is kept."""
        work = self.works.get(id)
        if work is None:
            standing = await self.ledger.standing(id, client)
            if not (standing.kept or standing.final):
                await self.cancel(id, client)  # it may have begun meanwhile
        elif not work.assignment.kept:
            work.cancel()

    def estimate(self, standing: Standing) -> float:
        """Seconds until a job is done, by the recent pace."""
        return self.pace.estimate(standing.ahead)

    # ---- doing jobs ----

    def _candidates(self) -> int:
        return sum(work.assignment.order.candidates for work in self.works.values())

    def _room(self) -> int:
        """Candidates that may be begun now; any job's when there is none."""
        busy = self._promised + self._candidates()
        return self.tunables.drawing - busy if busy else max(self.tunables.drawing, MAX_CANDIDATES)

    def _patience(self) -> float:
        """Candidates in line that are drawn before a connected client has waited for too long.

        Each ingress takes from the line at its own pace, so with several this is on the safe side.
        """
        return self.tunables.wait_s / self.pace.seconds - self._candidates()

    def _begin(self, assignment: Assignment) -> None:
        if (old := self.works.get(assignment.id)) is not None:
            self._drop(old)
        work = self.works[assignment.id] = Work(assignment, self.ledger)
        work.tell(queued(assignment.id, 0, self.pace.estimate(self._candidates())))
        work.task = detached(self._do(work))
        work.task.add_done_callback(_retrieved)
        self.watch.tell(assignment.id)

    async def _do(self, work: Work) -> CoverSet | None:
        loop = asyncio.get_running_loop()
        started, beside = loop.time(), self._candidates()
        try:
            made = await work.run(self.pipeline, self.tunables.pauses_s)
            self.pace.learn(loop.time() - started, max(beside, self._candidates()))
            return made
        finally:
            self._drop(work)
            self._look_sooner.set()

    def _drop(self, work: Work) -> None:
        """Have no more to do with a job; stop it if it is not at its end."""
        if self.works.get(work.assignment.id) is work:
            del self.works[work.assignment.id]
        if not work.ending:
            work.lose()

    # ---- chores ----

    def _repeat(
        self,
        chore: Callable[[], Awaitable[None]],
        pause: Callable[[], float],
        sooner: asyncio.Event | None = None,
    ) -> asyncio.Task[None]:
        """Do a chore again and again, whatever it meets with; at once when `sooner` is set."""
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

    async def _renew(self) -> None:
        """Renew the lease while there is work; take back what others left, while there is none."""
        if not (self.works or await self.ledger.orphans()):
            return
        before = list(self.works.values())
        own = await self.ledger.renew(self.tunables.lease_s)
        self._compare(before, own)
        # A job whose end could not be written down is in the book as this worker's, which has it no more.
        strange = {job for job in own if job[0] not in self.works}
        if forgotten := strange & self._strange:
            await self.ledger.release(forgotten)
        self._strange = strange - forgotten

    async def _obey(self) -> None:
        """Stop what was cancelled at another process."""
        if before := list(self.works.values()):
            self._compare(before, await self.ledger.own())

    def _compare(self, works: Collection[Work], own: Mapping[tuple[str, int], bool]) -> None:
        """Stop what is to be cancelled, and what the book gave to another worker."""
        for work in works:
            cancelled = own.get((work.assignment.id, work.assignment.attempt))
            if work.ending or (work.task is not None and work.task.done()):
                continue
            if cancelled is None:
                self._drop(work)
            elif cancelled:
                work.cancel()

    async def _claim(self) -> None:
        waiting = await self.ledger.waiting()
        metrics.JOBS_WAITING.set(waiting)
        if waiting and (room := self._room()) > 0:
            for assignment in await self.ledger.claim(room, self.tunables.lease_s):
                metrics.JOBS_TAKEN_UP.add(assignment.attempt > 1)
                self._begin(assignment)

    async def _save(self) -> None:
        """Write down what told jobs told, and how far they are."""
        told = [work for work in self.works.values() if work.assignment.told and not work.lost]
        events = [(work.assignment.number, entry) for work in told for entry in work.unsaved()]
        changed = {number for number, _ in events}
        states = [
            (work.assignment.number, work.clock.current, work.clock.timings())
            for work in told
            if work.assignment.number in changed
        ]
        if events:
            await self.ledger.note(states, events)


def queued(name: str, position: int, seconds: float) -> Queued:
    """The event of an accepted job."""
    url = set_url(name)
    return Queued(
        id=name, url=url, events_url=events_url(name), position=position, estimate_seconds=seconds
    )


def _retrieved(task: asyncio.Task[CoverSet | None]) -> None:
    """Nobody may be waiting for the job: how it ended is in the book."""
    if not task.cancelled():
        task.exception()
