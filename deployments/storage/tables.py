"""The tables: jobs with what came of them, their events, the leases on them, and what people thought of it.

The original kept id, predict_datetime, lyrics, summary, word and sentiment of each request; here they are `id`,
`created_at`, `lyrics`, `summary`, `prompt` and `mood`. Changed tables need a migration beside the first one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from songdalle_core.prompts import MAX_STYLE_CHARS

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only


class Moment(TypeDecorator[datetime]):
    """A time with its zone, UTC; SQLite, which knows no zones, gets it back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time as it was stored, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of the tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Moment(), dict[str, Any]: JSON}  # noqa: RUF012


class JobRow(Base):
    """A request, and once it is done its answer.

    Attributes:
        number: the order in which requests came.
        client: name of the access key it came with; "" without one.
        durable: finished whatever becomes of the connection and the process it came with (column `kept`).
        followed: its events are written down, for somebody may listen (column `told`).
        heard_at: when somebody last listened at another process than the one that works on it.
        request: the `CoverRequest` while it is unfinished; seed included, so that a repetition draws the same.
        digest: of the request, to tell whether an idempotency key is used for another one.
        ingress: the process that runs it (column `worker`).
        attempt: how often it was begun.
        parent: id of the set that it goes on from, which may be deleted by now.
        search_text: what the history is searched in, of a job that is done; see `search_text.py`.
        answer: the `CoverSet` without lyrics.
        problem: the `Problem` that ended it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("client", "idempotency_key"),
        Index(None, "status", "number"),
        Index(None, "client", "number"),
        Index(None, "client", "mood", "number"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    client: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(String(16))
    durable: Mapped[bool] = mapped_column("kept")
    followed: Mapped[bool] = mapped_column("told")
    heard_at: Mapped[float | None] = mapped_column(Float(53))
    cancelling: Mapped[bool] = mapped_column(default=False)
    idempotency_key: Mapped[str | None] = mapped_column(String(128))
    digest: Mapped[str] = mapped_column(String(64))
    candidates: Mapped[int] = mapped_column(SmallInteger)
    request: Mapped[dict[str, Any] | None]
    ingress: Mapped[str | None] = mapped_column("worker", String(32), index=True)
    attempt: Mapped[int] = mapped_column(SmallInteger, default=0)
    stage: Mapped[str | None] = mapped_column(String(16))
    timings: Mapped[dict[str, Any] | None]
    title: Mapped[str | None] = mapped_column(Text)
    artist: Mapped[str | None] = mapped_column(Text)
    lyrics: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    prompt: Mapped[str | None] = mapped_column(Text)
    style: Mapped[str | None] = mapped_column(Text)
    parent: Mapped[str | None] = mapped_column(String(32), index=True)
    mood: Mapped[str | None] = mapped_column(String(16))
    search_text: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[dict[str, Any] | None]
    problem: Mapped[dict[str, Any] | None]


class EventRow(Base):
    """An event of a job that somebody may listen to."""

    __tablename__ = "events"

    job: Mapped[int] = mapped_column(
        Number, ForeignKey("jobs.number", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(16))
    data: Mapped[str] = mapped_column(Text)


class IngressRow(Base):
    """An ingress process, and until when its lease on its jobs lasts (seconds of the database's clock)."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    lease_until: Mapped[float] = mapped_column(Float(53))


class DrawLimitRow(Base):
    """How many requests for covers a client has left; see `draw_limits.py`.

    Attributes:
        client: name of a key, or an address.
        full_at: when its whole quota is there again (seconds of the database's clock); it can be deleted then.
        granted: whether the last request was.
    """

    __tablename__ = "draw_limits"

    client: Mapped[str] = mapped_column(String(128), primary_key=True)
    full_at: Mapped[float] = mapped_column(Float(53), index=True)
    granted: Mapped[bool]


class RatingRow(Base):
    """What one client thinks of one cover."""

    __tablename__ = "ratings"
    __table_args__ = (UniqueConstraint("job", "rank", "client"),)

    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True)
    job: Mapped[int] = mapped_column(Number, ForeignKey("jobs.number", ondelete="CASCADE"))
    rank: Mapped[int] = mapped_column(SmallInteger)
    client: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    satisfaction: Mapped[int] = mapped_column(SmallInteger)
    felt_mood: Mapped[str | None] = mapped_column(String(16))
    favourite: Mapped[bool] = mapped_column(default=False)
    favourite_style: Mapped[str | None] = mapped_column(String(MAX_STYLE_CHARS))


class SurveyRow(Base):
    """An answer to a question of the survey.

    Attributes:
        job, rank: our cover that it was about; None of a picture that a person made.
        correct: None where there is no right and wrong.
    """

    __tablename__ = "survey_answers"

    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True)
    job: Mapped[int | None] = mapped_column(Number, ForeignKey("jobs.number", ondelete="CASCADE"))
    rank: Mapped[int | None] = mapped_column(SmallInteger)
    client: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]
    question: Mapped[str] = mapped_column(String(16))
    answer: Mapped[str] = mapped_column(String(64))
    correct: Mapped[bool | None]
