"""Rows of jobs: found, read, and changed by the rules of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session

from deployments.contract.covers import CoverRequest, CoverSet, Parent, set_url
from deployments.contract.errors import Cancelled, CoverError, KeyReused, NotFound, StageUnavailable
from deployments.contract.problems import Problem, problem_of
from deployments.storage.database import epoch_now, insert_into
from deployments.storage.job_records import (
    ATTEMPTS,
    UNFINISHED,
    ClaimedJob,
    EventRecord,
    JobOutcome,
    JobState,
    NewJob,
)
from deployments.storage.search_text import search_text
from deployments.storage.tables import EventRow, IngressRow, JobRow


def read_answer(row: JobRow) -> CoverSet | None:
    """The answer in a row, with its lyrics if they were kept."""
    if row.answer is None:
        return None
    return CoverSet.model_validate({**row.answer, "lyrics": row.lyrics or ""})


def event_values(job: int, entry: EventRecord) -> dict[str, Any]:
    """The row of a job's event."""
    return {"job": job, "number": entry.number, "name": entry.name, "data": entry.data}


def add_events(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write events down, but those that are there: who wrote them got no answer and tries again."""
    if rows:
        session.execute(insert_into(session, EventRow).on_conflict_do_nothing(), rows)


def line(*where: ColumnElement[bool]) -> Select[int, int]:
    """How many jobs wait, and their candidates; of those for which `where` holds."""
    wanted = func.count(), func.coalesce(func.sum(JobRow.candidates), 0)
    return select(*wanted).where(JobRow.status == "queued", *where)


def find(session: Session, id: str, client: str, *, lock: bool = False) -> JobRow:
    """The row of a client's job; with `lock` nobody else changes it in the meantime.

    Raises:
        NotFound: the client has no such job.
    """
    query = select(JobRow).where(JobRow.id == id, JobRow.client == client)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(f"there is no cover set {id[:40]!r}")
    return row


def with_key(session: Session, job: NewJob) -> JobRow | None:
    """The job that the same client's same idempotency key made before.

    Raises:
        KeyReused: it was made by another request.
    """
    same = (JobRow.client == job.client, JobRow.idempotency_key == job.key)
    row = session.scalar(select(JobRow).where(*same))
    if row is not None and row.digest != job.digest:
        raise KeyReused(f"the Idempotency-Key {job.key!r} came with another request")
    return row


def new_row(job: NewJob) -> JobRow:
    """The row of a job that waits for an ingress."""
    return JobRow(
        id=job.id,
        client=job.client,
        created_at=datetime.now(UTC),
        status="queued",
        durable=job.durable,
        followed=job.followed,
        idempotency_key=job.key,
        digest=job.digest,
        candidates=job.request.candidates,
        request=job.request.model_dump(mode="json"),
        title=job.request.title,
        artist=job.request.artist,
        parent=job.request.parent and job.request.parent.id,
        attempt=0,
    )


def claimed(row: JobRow) -> ClaimedJob:
    """What an ingress needs to run an unfinished job."""
    fields = dict(row.request or {})  # validated when it was accepted
    if fields.get("parent") is not None:
        fields["parent"] = Parent.model_validate(fields["parent"])
    request = CoverRequest.model_construct(**fields)
    return ClaimedJob(row.number, row.id, row.attempt, request, row.durable, row.followed)


def state(session: Session, row: JobRow, after: int | None) -> JobState:
    """A job as it stands, with its events after number `after` if that is given."""
    position = ahead = 0
    if row.status in UNFINISHED:
        position, waiting = session.execute(line(JobRow.number <= row.number)).one()
        drawn = select(func.sum(JobRow.candidates)).where(JobRow.status == "running")
        ahead = waiting + (session.scalar(drawn) or 0)
    events = []
    if after is not None:
        new = (EventRow.job == row.number, EventRow.number > after)
        rows = session.scalars(select(EventRow).where(*new).order_by(EventRow.number))
        events = [EventRecord(event.number, event.name, event.data) for event in rows]
    return JobState(
        id=row.id,
        status=row.status,
        created_at=row.created_at,
        attempt=row.attempt,
        durable=row.durable,
        position=position if row.status == "queued" else 0,
        ahead=ahead,
        stage=row.stage,
        timings=row.timings or {},
        answer=read_answer(row),
        problem=Problem.model_validate(row.problem) if row.problem else None,
        events=events,
    )


def outcome_values(outcome: JobOutcome, *, keep_lyrics: bool) -> dict[str, Any]:
    """The columns of a job that changes when it ends; the request is forgotten."""
    values: dict[str, Any] = {
        "status": outcome.status,
        "finished_at": datetime.now(UTC),
        "request": None,
        "ingress": None,
        "stage": None,
    }
    if outcome.problem is not None:
        values["problem"] = outcome.problem.model_dump(mode="json")
    if (made := outcome.answer) is not None:
        answer = made.model_dump(
            mode="json", exclude={"lyrics": True, "covers": {"__all__": {"b64_json"}}}
        )
        lyrics = made.lyrics if keep_lyrics else None
        values |= {
            "answer": answer,
            "search_text": search_text(made.title, made.artist, lyrics, made.summary, made.prompt),
            "timings": made.timings,
            "lyrics": lyrics,
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
    for name, value in outcome_values(
        JobOutcome(status, problem=problem), keep_lyrics=False
    ).items():
        setattr(row, name, value)


def requeue_orphans(session: Session) -> None:
    """Requeue the running jobs of ingresses without a lease, but those that others are requeueing."""
    for row in session.scalars(orphans().with_for_update(skip_locked=True)):
        requeue(row)
    session.execute(delete(IngressRow).where(IngressRow.lease_until < epoch_now()))


def orphans() -> Select[JobRow]:
    """The running jobs of ingresses without a lease."""
    alive = select(IngressRow.id).where(IngressRow.lease_until >= epoch_now())
    return select(JobRow).where(JobRow.status == "running", JobRow.ingress.not_in(alive))


def requeue(row: JobRow, *, spare_attempt: bool = False) -> None:
    """Let another ingress begin a job again, if it is wanted and was not begun too often.

    With `spare_attempt` it may be begun once more than others: its ingress ends in order.
    """
    if row.cancelling or not row.durable:
        end(row, Cancelled("the process that worked on it ended, and its connection with it"))
    elif row.attempt >= ATTEMPTS and not spare_attempt:
        end(row, StageUnavailable(f"the service stopped {ATTEMPTS} times while it worked on this"))
    else:
        row.status, row.ingress, row.stage = "queued", None, None
