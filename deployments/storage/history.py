"""What was drawn: listed, searched, deleted, and forgotten in time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Delete, column, delete, select, table
from sqlalchemy.orm import Session

from deployments.contract.covers import CoverPage, CoverSummary, image_url
from deployments.storage.database import Database
from deployments.storage.job_records import UNFINISHED
from deployments.storage.pictures import ImageStore
from deployments.storage.search_text import folded
from deployments.storage.tables import EventRow, JobRow
from songdalle_core.moods import Mood

BATCH = 100
TRIGRAM = 3  # characters
EVENTS_KEPT = timedelta(minutes=10)  # of a finished job, for listeners that come back
FAILURES_KEPT = timedelta(days=1)


class History:
    """The finished jobs of a database, and their pictures.

    Args:
        retention: how long covers are kept; None: until somebody deletes them.
    """

    def __init__(
        self, database: Database, store: ImageStore, retention: timedelta | None = None
    ) -> None:
        self._database = database
        self._store = store
        self._retention = retention

    async def page(
        self,
        client: str,
        limit: int,
        before: int | None,
        words: str | None,
        mood: Mood | None,
        parent: str | None = None,
    ) -> CoverPage:
        """A client's cover sets, newest first.

        Args:
            before: go on after this number, the `next` of the page before.
            words: only sets that have them in title, artist, lyrics, summary or prompt, whatever their case,
                form and spacing; nothing but white space is none.
            mood: only sets of lyrics with this mood.
            parent: only sets that go on from this one.
        """
        wanted: list[Any] = [JobRow.client == client, JobRow.status == "done"]
        if before is not None:
            wanted.append(JobRow.number < before)
        if mood is not None:
            wanted.append(JobRow.mood == mood)
        if parent is not None:
            wanted.append(JobRow.parent == parent)
        if searched := folded(words or ""):
            wanted += _found(searched, self._database.url.get_backend_name())
        query = select(JobRow).where(*wanted).order_by(JobRow.number.desc()).limit(limit + 1)
        rows = await self._database.read(lambda session: list(session.scalars(query)))
        more = len(rows) > limit
        rows = rows[:limit]
        return CoverPage(
            covers=[_summary(row) for row in rows], next=str(rows[-1].number) if more else None
        )

    async def delete(self, client: str, id: str | None = None) -> None:
        """Delete a client's finished set, or all of them, pictures first."""
        mine: list[Any] = [JobRow.client == client, JobRow.status.not_in(UNFINISHED)]
        await self._delete([*mine, JobRow.id == id] if id else mine)

    async def unfinished(self, client: str) -> Sequence[str]:
        """Ids of a client's jobs that are not at their end."""
        query = select(JobRow.id).where(JobRow.client == client, JobRow.status.in_(UNFINISHED))
        return await self._database.read(lambda session: list(session.scalars(query)))

    async def forget(self) -> None:
        """Delete what is older than it is to be kept: covers, failures, and events of finished jobs."""
        now = datetime.now(UTC)
        if self._retention is not None:
            old = JobRow.finished_at < now - self._retention
            await self._delete([JobRow.status == "done", old])
        failed = JobRow.status.in_(("failed", "cancelled"))
        await self._delete([failed, JobRow.finished_at < now - FAILURES_KEPT])
        over = select(JobRow.number).where(JobRow.finished_at < now - EVENTS_KEPT)
        note_listener = EventRow.job.in_(over)

        def there(session: Session) -> bool:
            return session.scalar(select(EventRow.job).where(note_listener).limit(1)) is not None

        if await self._database.read(there):
            await self._database.write(partial(_execute, delete(EventRow).where(note_listener)))

    async def _delete(self, wanted: Sequence[Any]) -> None:
        query = select(JobRow.number, JobRow.id).where(*wanted).limit(BATCH)
        while expired := await self._database.read(lambda session: list(session.execute(query))):
            await asyncio.to_thread(self._delete_pictures, [id for _, id in expired])
            numbers = [number for number, _ in expired]
            gone = delete(JobRow).where(JobRow.number.in_(numbers))
            await self._database.write(partial(_execute, gone))

    def _delete_pictures(self, names: Sequence[str]) -> None:
        for name in names:
            self._store.delete(name)


def _found(searched: str, backend: str) -> Sequence[ColumnElement[bool]]:
    """Where a folded text is in what is searched; see the migration of the search index."""
    there = JobRow.search_text.contains(searched, autoescape=True)
    if backend != "sqlite" or len(searched) < TRIGRAM:
        return [there]  # PostgreSQL finds it by its index
    trigrams = {searched[n : n + TRIGRAM] for n in range(len(searched) - TRIGRAM + 1)}
    quoted = " AND ".join('"' + each.replace('"', '""') + '"' for each in sorted(trigrams))
    index = table("jobs_search", column("rowid"), column("jobs_search"))
    with_all = select(index.c.rowid).where(index.c.jobs_search.op("match")(quoted))
    return [JobRow.number.in_(with_all), there]


def _execute(statement: Delete, session: Session) -> None:
    session.execute(statement)


def _summary(row: JobRow) -> CoverSummary:
    return CoverSummary(
        id=row.id,
        created_at=row.created_at,
        title=row.title,
        artist=row.artist,
        summary=row.summary or "",
        prompt=row.prompt or "",
        mood=row.mood,  # type: ignore[arg-type]  # checked by pydantic
        style=row.style,
        parent=row.parent,
        image_url=image_url(row.id, 1),
    )
