"""Rows of jobs: found, read, and changed as the rules of the book have it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session

from deployments.contract.covers import CoverRequest, CoverSet, set_url
from deployments.contract.errors import Cancelled, CoverError, NotFound, StageUnavailable
from deployments.contract.problems import Problem, problem_of
from deployments.storage.database import epoch_now
from deployments.storage.job_records import (
    ATTEMPTS,
    UNFINISHED,
    Assignment,
    Ending,
    Entry,
    Standing,
)
from deployments.storage.tables import EventRow, JobRow, WorkerRow


def read_answer(row: JobRow) -> CoverSet | None:
    """The answer in a row, with its lyrics if they were kept."""
    if row.answer is None:
        return None
    return CoverSet.model_validate({**row.answer, "lyrics": row.lyrics or ""})


def event_values(job: int, entry: Entry) -> dict[str, Any]:
    """The row of a job's event."""
    return {"job": job, "number": entry.number, "name": entry.name, "data": entry.data}


def line(*where: ColumnElement[bool]) -> Select[int, int]:
    """How many jobs wait, and their candidates; of those for which `where` holds."""
    wanted = func.count(), func.coalesce(func.sum(JobRow.candidates), 0)
    return select(*wanted).where(JobRow.status == "queued", *where)


def find(session: Session, id: str, client: str) -> JobRow:
    """The row of a client's job.

    Raises:
        NotFound: the client has no such job.
    """
    row = session.scalar(select(JobRow).where(JobRow.id == id, JobRow.client == client))
    if row is None:
        raise NotFound(f"there is no cover set {id[:40]!r}")
    return row


def assignment(row: JobRow) -> Assignment:
    """What a worker needs to know of an unfinished job."""
    order = CoverRequest.model_construct(**(row.request or {}))  # validated when it was accepted
    return Assignment(row.number, row.id, row.attempt, order, row.kept, row.told)


def standing(session: Session, row: JobRow, after: int | None) -> Standing:
    """A job as it stands, with its events after number `after` if that is given."""
    position = ahead = 0
    if row.status in UNFINISHED:
        position, waiting = session.execute(line(JobRow.number <= row.number)).one()
        drawn = select(func.sum(JobRow.candidates)).where(JobRow.status == "running")
        ahead = waiting + (session.scalar(drawn) or 0)
    events = []
    if after is not None:
        new = (EventRow.job == row.number, EventRow.number > after)
        found = session.scalars(select(EventRow).where(*new).order_by(EventRow.number))
        events = [Entry(event.number, event.name, event.data) for event in found]
    return Standing(
        id=row.id,
        status=row.status,
        created_at=row.created_at,
        attempt=row.attempt,
        kept=row.kept,
        position=position if row.status == "queued" else 0,
        ahead=ahead,
        stage=row.stage,
        timings=row.timings or {},
        answer=read_answer(row),
        problem=Problem.model_validate(row.problem) if row.problem else None,
        entries=events,
    )


def ending_values(ending: Ending, *, keep_lyrics: bool) -> dict[str, Any]:
    """The columns of a job that changes when it ends; the request is forgotten."""
    values: dict[str, Any] = {
        "status": ending.status,
        "finished_at": datetime.now(UTC),
        "request": None,
        "worker": None,
        "stage": None,
    }
    if ending.problem is not None:
        values["problem"] = ending.problem.model_dump(mode="json")
    if (made := ending.answer) is not None:
        answer = made.model_dump(
            mode="json", exclude={"lyrics": True, "covers": {"__all__": {"b64_json"}}}
        )
        values |= {
            "answer": answer,
            "timings": made.timings,
            "lyrics": made.lyrics if keep_lyrics else None,
            "summary": made.summary,
            "prompt": made.prompt,
            "style": made.style,
            "mood": made.sentiment.label,
        }
    return values


def end(row: JobRow, error: CoverError) -> None:
    """End a job that nobody works on."""
    status = "cancelled" if isinstance(error, Cancelled) else "failed"
    problem = problem_of(error, set_url(row.id))
    for name, value in ending_values(Ending(status, problem=problem), keep_lyrics=False).items():
        setattr(row, name, value)


def hand_back(session: Session, spare_attempt: str | None = None) -> None:
    """Hand back the running jobs of workers without a lease.

    Jobs of `spare_attempt`, a worker that ends in order, do not count this attempt.
    """
    for row in session.scalars(orphans().with_for_update(skip_locked=True)):
        requeue(row, spare_attempt=row.worker == spare_attempt)
    session.execute(delete(WorkerRow).where(WorkerRow.lease_until < epoch_now()))


def orphans() -> Select[JobRow]:
    """The running jobs of workers without a lease."""
    alive = select(WorkerRow.id).where(WorkerRow.lease_until >= epoch_now())
    return select(JobRow).where(JobRow.status == "running", JobRow.worker.not_in(alive))


def requeue(row: JobRow, *, spare_attempt: bool = False) -> None:
    """Let another worker begin a job again, if it is to be done at all and was not begun too often."""
    if row.cancelling or not row.kept:
        end(row, Cancelled("the process that worked on it ended, and its connection with it"))
    elif row.attempt >= ATTEMPTS and not spare_attempt:
        end(row, StageUnavailable(f"the service stopped {ATTEMPTS} times while it worked on this"))
    else:
        row.status, row.worker, row.stage = "queued", None, None
