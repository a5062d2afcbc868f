"""The durable job queue: an accepted job is in the database before its client hears so; one ingress runs it.

An ingress holds its jobs as long as it renews its lease. When a lease runs out, its jobs are requeued and any
ingress claims them; what the old one may still write then matches no row, as every such change names ingress
and attempt.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from deployments.contract.errors import Cancelled, Overloaded
from deployments.storage import job_rows
from deployments.storage.database import Database, epoch_now
from deployments.storage.job_records import (
    STRIDE,
    UNFINISHED,
    Accepted,
    Capacity,
    ClaimedJob,
    EventRecord,
    JobOutcome,
    JobState,
    JobVersion,
    NewJob,
)
from deployments.storage.tables import EventRow, IngressRow, JobRow

LEASE = 10.0
CLAIMED_AT_ONCE = 24  # jobs, at most


class JobQueue:
    """The jobs of a database as one ingress sees them.

    Args:
        ingress: name of this process.
        keep_lyrics: whether lyrics stay once a job is done.
    """

    def __init__(self, database: Database, ingress: str, *, keep_lyrics: bool = True) -> None:
        self.database = database
        self.ingress = ingress
        self.keep_lyrics = keep_lyrics

    async def accept(self, job: NewJob, capacity: Capacity, lease: float = LEASE) -> Accepted:
        """Write a job down; claim it for this ingress if that has room for it and nobody waits.

        Args:
            job: the request and how its client gets the answer.
            capacity: what this ingress can take now.
            lease: seconds for which this ingress then holds its jobs.

        Raises:
            KeyReused: the key came with another request before.
            Overloaded: too many wait already.
        """

        def write(session: Session) -> Accepted:
            if job.key is not None and (known := job_rows.with_key(session, job)) is not None:
                return Accepted(known.id, new=False)
            waiting, before = session.execute(job_rows.line()).one()
            at_once = not waiting and job.request.candidates <= capacity.room
            if not at_once and (waiting >= capacity.waiting or before > capacity.ahead):
                raise Overloaded(f"{waiting} requests are waiting already", 0)
            row = job_rows.new_row(job)
            if at_once:
                row.status, row.ingress, row.attempt = "running", self.ingress, 1
                self._extend_lease(session, lease)
            session.add(row)
            session.flush()
            return Accepted(job.id, new=True, claimed=job_rows.claimed(row) if at_once else None)

        try:
            return await self.database.write(write)
        except IntegrityError:  # the same key came in beside this one: by now it is there
            return await self.database.write(write)

    async def waiting(self) -> int:
        """Jobs in line."""
        jobs, _ = await self.database.read(lambda session: session.execute(job_rows.line()).one())
        return jobs

    async def unfinished(self) -> int:
        """Candidates of all jobs that wait or are drawn, at whatever ingress."""
        query = select(func.coalesce(func.sum(JobRow.candidates), 0))
        query = query.where(JobRow.status.in_(UNFINISHED))
        return await self.database.read(lambda session: int(session.scalars(query).one()))

    async def claim(self, room: int, lease: float = LEASE) -> list[ClaimedJob]:
        """Take the jobs that wait longest, as many as `room` candidates hold, and renew the lease."""

        def take(session: Session) -> list[ClaimedJob]:
            query = (
                select(JobRow)
                .where(JobRow.status == "queued")
                .order_by(JobRow.number)
                .limit(CLAIMED_AT_ONCE)
            )
            left, taken = room, []
            for row in session.scalars(query.with_for_update(skip_locked=True)):
                if row.candidates > left:
                    break
                left -= row.candidates
                row.status, row.ingress, row.attempt = "running", self.ingress, row.attempt + 1
                old = EventRow.number < row.attempt * STRIDE
                session.execute(delete(EventRow).where(EventRow.job == row.number, old))
                taken.append(job_rows.claimed(row))
            if taken:
                self._extend_lease(session, lease)
            return taken

        return await self.database.write(take)

    async def renew(self, lease: float) -> Mapping[tuple[str, int], bool]:
        """Extend the lease by `lease` seconds from now, and requeue the jobs of ingresses that have none.

        Returns:
            This ingress's jobs as (id, attempt), each with whether it is to be cancelled.
        """

        def write(session: Session) -> Mapping[tuple[str, int], bool]:
            self._extend_lease(session, lease)
            job_rows.requeue_orphans(session)
            return self._own(session)

        return await self.database.write(write)

    async def orphans(self) -> bool:
        """Whether there are running jobs that no lease covers."""
        orphans = job_rows.orphans().limit(1)
        return await self.database.read(lambda session: session.scalar(orphans) is not None)

    def _extend_lease(self, session: Session, lease: float) -> None:
        until = epoch_now() + lease
        mine = update(IngressRow).where(IngressRow.id == self.ingress).values(lease_until=until)
        if not session.execute(mine).rowcount:  # type: ignore[attr-defined]
            session.execute(insert(IngressRow).values(id=self.ingress, lease_until=until))

    async def own(self) -> Mapping[tuple[str, int], bool]:
        """What `renew` returns, without renewing."""
        return await self.database.read(self._own)

    def _own(self, session: Session) -> Mapping[tuple[str, int], bool]:
        columns = (JobRow.id, JobRow.attempt, JobRow.cancelling)
        mine = (JobRow.status == "running", JobRow.ingress == self.ingress)
        return {(id, n): stop for id, n, stop in session.execute(select(*columns).where(*mine))}

    async def release(self, jobs: Collection[tuple[str, int]]) -> None:
        """Requeue jobs of this ingress, (id, attempt), that it knows nothing of."""

        def write(session: Session) -> None:
            mine = (JobRow.ingress == self.ingress, JobRow.status == "running")
            for id, attempt in jobs:
                named = (JobRow.id == id, JobRow.attempt == attempt)
                row = session.scalar(select(JobRow).where(*mine, *named).with_for_update())
                if row is not None:
                    job_rows.requeue(row)

        await self.database.write(write)

    async def leave(self) -> None:
        """Requeue all of its jobs at once, and do not count the attempts: this ingress ends."""

        def write(session: Session) -> None:
            mine = (JobRow.status == "running", JobRow.ingress == self.ingress)
            held = select(JobRow).where(*mine).order_by(JobRow.number).with_for_update()
            for row in session.scalars(
                held
            ):  # one that another process is writing to is waited for
                job_rows.requeue(row, spare_attempt=True)
            session.execute(delete(IngressRow).where(IngressRow.id == self.ingress))
            job_rows.requeue_orphans(session)

        await self.database.write(write)

    async def note(
        self,
        jobs: Iterable[tuple[int, int, str | None, Mapping[str, float]]],
        events: Sequence[tuple[int, EventRecord]],
    ) -> None:
        """Write down how far jobs are, and their new events, of those that are still this ingress's.

        Args:
            jobs: number, attempt, stage and timings of each.
            events: the number of one of these jobs, and an event that may be there already.
        """
        rows = [job_rows.event_values(number, entry) for number, entry in events]

        def write(session: Session) -> None:
            held = set()
            for number, attempt, stage, timings in sorted(jobs, key=itemgetter(0)):  # as in `leave`
                mine = self._held(number, attempt)
                noted = update(JobRow).where(*mine).values(stage=stage, timings=dict(timings))
                if session.execute(noted).rowcount:  # type: ignore[attr-defined]
                    held.add(number)
            job_rows.add_events(session, [row for row in rows if row["job"] in held])

        await self.database.write(write)

    def _held(self, number: int, attempt: int) -> tuple[ColumnElement[bool], ...]:
        """Where a job is still being worked on here."""
        return (
            JobRow.number == number,
            JobRow.status == "running",
            JobRow.ingress == self.ingress,
            JobRow.attempt == attempt,
        )

    async def end(
        self, job: ClaimedJob, outcome: JobOutcome, events: Sequence[EventRecord] = ()
    ) -> bool:
        """Write down how a job ended, and its last events; False if it is no longer this ingress's.

        Raises:
            Cancelled: its client was told that it is cancelled, so that it cannot be done; nothing is written.
        """
        values = job_rows.outcome_values(outcome, keep_lyrics=self.keep_lyrics)
        held = self._held(job.number, job.attempt)
        wanted = held if outcome.answer is None else (*held, JobRow.cancelling.is_(False))

        def write(session: Session) -> bool:
            done = session.execute(update(JobRow).where(*wanted).values(**values))
            if done.rowcount:  # type: ignore[attr-defined]
                job_rows.add_events(session, [job_rows.event_values(job.number, e) for e in events])
                return True
            if session.scalar(select(JobRow.number).where(*held)) is not None:
                raise Cancelled("the job was cancelled")
            return False

        return await self.database.write(write)

    async def cancel(self, id: str, client: str) -> bool:
        """Cancel a job, or tell that it is finished already (False).

        Raises:
            NotFound: the client has no such job.
        """

        def write(session: Session) -> bool:
            row = job_rows.find(session, id, client, lock=True)
            if row.status == "queued":
                job_rows.end(row, Cancelled("the job was cancelled"))
            elif row.status == "running":
                row.cancelling = True
            else:
                return False
            return True

        return await self.database.write(write)

    async def state(
        self, id: str, client: str, after: int | None = None, *, note_listener: bool = False
    ) -> JobState:
        """A job as it stands, with its events after number `after` if that is given.

        Args:
            note_listener: note that somebody listens to it here.

        Raises:
            NotFound: the client has no such job.
        """

        def read(session: Session) -> JobState:
            row = job_rows.find(session, id, client)
            if note_listener:
                row.heard_at = session.scalar(select(epoch_now()))
            return job_rows.state(session, row, after)

        return await (self.database.write(read) if note_listener else self.database.read(read))

    async def versions(self, ids: Collection[str]) -> Mapping[str, JobVersion]:
        """What changes about jobs, of those that are there."""

        def read(session: Session) -> Mapping[str, JobVersion]:
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
                id: JobVersion(
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
