"""The book of jobs: every accepted one is in it before its client hears so, and has one worker at a time.

A worker holds its jobs as long as it renews its lease. When a lease runs out, its jobs go back to the queue,
where any worker takes them up; what the old worker may still write then meets a closed door, as every such
change names worker and attempt.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from deployments.contract.covers import CoverRequest
from deployments.contract.errors import Cancelled, KeyReused, Overloaded
from deployments.storage import job_rows
from deployments.storage.database import Database, epoch_now
from deployments.storage.job_records import (
    STRIDE,
    Accepted,
    Assignment,
    Ending,
    Entry,
    Glance,
    Standing,
)
from deployments.storage.tables import EventRow, JobRow, WorkerRow

LEASE = 10.0


class Ledger:
    """The jobs of a database as one worker sees them.

    Args:
        worker: name of this process.
        keep_lyrics: whether lyrics stay once a job is done.
    """

    def __init__(self, database: Database, worker: str, *, keep_lyrics: bool = True) -> None:
        self.database = database
        self.worker = worker
        self.keep_lyrics = keep_lyrics

    async def accept(
        self,
        id: str,
        order: CoverRequest,
        *,
        client: str = "",
        kept: bool,
        told: bool,
        key: str | None = None,
        digest: str,
        room: int,
        waiting: int,
        ahead: float = math.inf,
        lease: float = LEASE,
    ) -> Accepted:
        """Write a job down; for this worker if it has room for the candidates and nobody waits.

        Args:
            id: the new job's.
            order: seed included.
            key: a client that sends the same again, with the same digest, gets the same job.
            room: candidates this worker can take.
            waiting: jobs that may wait.
            ahead: candidates that may wait before this job's.
            lease: seconds for which this worker then holds its jobs.

        Raises:
            KeyReused: the key came with another request before.
            Overloaded: too many wait already.
        """

        def write(session: Session) -> Accepted:
            if key is not None:
                same = (JobRow.client == client, JobRow.idempotency_key == key)
                known = session.scalar(select(JobRow).where(*same))
                if known is not None:
                    if known.digest != digest:
                        raise KeyReused(f"the Idempotency-Key {key!r} came with another request")
                    return Accepted(known.id, new=False)
            queue, before = session.execute(job_rows.line()).one()
            at_once = not queue and order.candidates <= room
            if not at_once and (queue >= waiting or before > ahead):
                raise Overloaded(f"{queue} requests are waiting already", 0)
            row = JobRow(
                id=id,
                client=client,
                created_at=datetime.now(UTC),
                status="running" if at_once else "queued",
                kept=kept,
                told=told,
                idempotency_key=key,
                digest=digest,
                candidates=order.candidates,
                request=order.model_dump(mode="json"),
                worker=self.worker if at_once else None,
                attempt=1 if at_once else 0,
                title=order.title,
                artist=order.artist,
            )
            session.add(row)
            if at_once:
                self._stay(session, lease)
            session.flush()
            return Accepted(id, new=True, assignment=job_rows.assignment(row) if at_once else None)

        try:
            return await self.database.write(write)
        except IntegrityError:  # the same key came in beside this one: by now it is found
            return await self.database.write(write)

    async def waiting(self) -> int:
        """Jobs in line."""
        jobs, _ = await self.database.read(lambda session: session.execute(job_rows.line()).one())
        return jobs

    async def claim(self, room: int, lease: float = LEASE) -> list[Assignment]:
        """Take the jobs that wait longest, as many as `room` candidates hold, and renew the lease."""

        def take(session: Session) -> list[Assignment]:
            query = (
                select(JobRow).where(JobRow.status == "queued").order_by(JobRow.number).limit(24)
            )
            left, taken = room, []
            for row in session.scalars(query.with_for_update(skip_locked=True)):
                if row.candidates > left:
                    break
                left -= row.candidates
                row.status, row.worker, row.attempt = "running", self.worker, row.attempt + 1
                old = EventRow.number < row.attempt * STRIDE
                session.execute(delete(EventRow).where(EventRow.job == row.number, old))
                taken.append(job_rows.assignment(row))
            if taken:
                self._stay(session, lease)
            return taken

        return await self.database.write(take)

    async def renew(self, lease: float) -> Mapping[tuple[str, int], bool]:
        """Stay alive for `lease` seconds more, and hand back the jobs of workers that are not.

        Returns:
            This worker's jobs as (id, attempt), each with whether it is to be cancelled.
        """

        def write(session: Session) -> Mapping[tuple[str, int], bool]:
            self._stay(session, lease)
            job_rows.hand_back(session)
            return self._own(session)

        return await self.database.write(write)

    async def orphans(self) -> bool:
        """Whether there are jobs of workers that do not live any more."""
        orphans = job_rows.orphans().limit(1)
        return await self.database.read(lambda session: session.scalar(orphans) is not None)

    def _stay(self, session: Session, lease: float) -> None:
        until = epoch_now() + lease
        mine = update(WorkerRow).where(WorkerRow.id == self.worker).values(lease_until=until)
        if not session.execute(mine).rowcount:  # type: ignore[attr-defined]
            session.execute(insert(WorkerRow).values(id=self.worker, lease_until=until))

    async def own(self) -> Mapping[tuple[str, int], bool]:
        """What `renew` returns, without renewing."""
        return await self.database.read(self._own)

    def _own(self, session: Session) -> Mapping[tuple[str, int], bool]:
        columns = (JobRow.id, JobRow.attempt, JobRow.cancelling)
        mine = (JobRow.status == "running", JobRow.worker == self.worker)
        return {(id, n): stop for id, n, stop in session.execute(select(*columns).where(*mine))}

    async def release(self, jobs: Collection[tuple[str, int]]) -> None:
        """Hand back jobs of this worker, (id, attempt), that it knows nothing of."""

        def write(session: Session) -> None:
            mine = (JobRow.worker == self.worker, JobRow.status == "running")
            for id, attempt in jobs:
                named = (JobRow.id == id, JobRow.attempt == attempt)
                row = session.scalar(select(JobRow).where(*mine, *named))
                if row is not None:
                    job_rows.requeue(row)

        await self.database.write(write)

    async def leave(self) -> None:
        """Give all jobs back at once: this worker ends."""

        def write(session: Session) -> None:
            session.execute(delete(WorkerRow).where(WorkerRow.id == self.worker))
            job_rows.hand_back(session, spare_attempt=self.worker)

        await self.database.write(write)

    async def note(
        self,
        jobs: Iterable[tuple[int, str | None, Mapping[str, float]]],
        events: Sequence[tuple[int, Entry]],
    ) -> None:
        """Write down how far jobs (number, stage, timings) are, and events (job's number, `Entry`)."""
        rows = [job_rows.event_values(number, entry) for number, entry in events]

        def write(session: Session) -> None:
            known = {row["job"] for row in rows}
            there = set(session.scalars(select(JobRow.number).where(JobRow.number.in_(known))))
            if kept := [row for row in rows if row["job"] in there]:
                session.execute(insert(EventRow), kept)
            for number, stage, timings in jobs:
                told = update(JobRow).where(JobRow.number == number, JobRow.worker == self.worker)
                session.execute(told.values(stage=stage, timings=dict(timings)))

        await self.database.write(write)

    async def end(self, job: Assignment, ending: Ending, events: Sequence[Entry] = ()) -> bool:
        """Write down how a job ended, and its last events; False if it is no longer this worker's."""
        values = job_rows.ending_values(ending, keep_lyrics=self.keep_lyrics)

        def write(session: Session) -> bool:
            held = (
                JobRow.number == job.number,
                JobRow.status == "running",
                JobRow.worker == self.worker,
                JobRow.attempt == job.attempt,
            )
            done = session.execute(update(JobRow).where(*held).values(**values))
            if done.rowcount and events:  # type: ignore[attr-defined]
                session.execute(
                    insert(EventRow), [job_rows.event_values(job.number, e) for e in events]
                )
            return bool(done.rowcount)  # type: ignore[attr-defined]

        return await self.database.write(write)

    async def cancel(self, id: str, client: str) -> bool:
        """Cancel a job, or tell that it is finished already (False).

        Raises:
            NotFound: the client has no such job.
        """

        def write(session: Session) -> bool:
            row = job_rows.find(session, id, client)
            if row.status == "queued":
                job_rows.end(row, Cancelled("the job was cancelled"))
            elif row.status == "running":
                row.cancelling = True
            else:
                return False
            return True

        return await self.database.write(write)

    async def standing(
        self, id: str, client: str, after: int | None = None, *, heard: bool = False
    ) -> Standing:
        """A job as it stands, with its events after number `after` if that is given.

        Args:
            heard: note that somebody listens to it here.

        Raises:
            NotFound: the client has no such job.
        """

        def read(session: Session) -> Standing:
            row = job_rows.find(session, id, client)
            if heard:
                row.heard_at = session.scalar(select(epoch_now()))
            return job_rows.standing(session, row, after)

        return await (self.database.write(read) if heard else self.database.read(read))

    async def glance(self, ids: Collection[str]) -> Mapping[str, Glance]:
        """What changes about jobs, of those that are there."""

        def read(session: Session) -> Mapping[str, Glance]:
            line = list(
                session.scalars(
                    select(JobRow.number).where(JobRow.status == "queued").order_by(JobRow.number)
                )
            )
            columns = (JobRow.id, JobRow.number, JobRow.status, JobRow.attempt)
            rows = list(session.execute(select(*columns).where(JobRow.id.in_(ids))))
            numbers = [number for _, number, _, _ in rows]
            last = select(EventRow.job, func.max(EventRow.number)).group_by(EventRow.job)
            events = dict(session.execute(last.where(EventRow.job.in_(numbers))).all())
            return {
                id: Glance(
                    status,
                    attempt,
                    bisect_right(line, number) if status == "queued" else 0,
                    events.get(number, 0),
                )
                for id, number, status, attempt in rows
            }

        return await self.database.read(read)

    async def heard_within(self, id: str, seconds: float) -> bool:
        """Whether somebody listened to a job at another process in the last `seconds`."""

        def read(session: Session) -> bool:
            recent = JobRow.heard_at > epoch_now() - seconds
            return session.scalar(select(JobRow.number).where(JobRow.id == id, recent)) is not None

        return await self.database.read(read)
