"""The history on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event, func, select, update

from deployments.contract.errors import NotFound
from deployments.contract.problems import problem_of
from deployments.storage.database import Database
from deployments.storage.history import EVENTS_KEPT, FAILURES_KEPT, History
from deployments.storage.job_queue import JobQueue
from deployments.storage.job_records import EventRecord, JobOutcome
from deployments.storage.pictures import CoverStore
from deployments.storage.schema import MIGRATIONS
from deployments.storage.tables import EventRow, JobRow
from tests.deployments.sets import covers
from tests.deployments.storage.test_job_queue import begun, name


@pytest.fixture
def store(tmp_path: Path) -> CoverStore:
    return CoverStore(tmp_path)


@pytest.fixture
def job_queue(database: Database) -> JobQueue:
    return JobQueue(database, "one")


@pytest.fixture
def history(database: Database, store: CoverStore) -> History:
    return History(database, store, timedelta(days=2))


def run(work: Awaitable[Any]) -> Any:
    async def wait() -> Any:
        return await work

    return asyncio.run(wait())


async def done(job_queue: JobQueue, number: int, client: str = "", **changes: Any) -> str:
    """A finished job."""
    events = [EventRecord(1, "cleaned", "{}")]
    job = await begun(job_queue, number, client=client)
    made = covers(name(number)).model_copy(update=changes)
    assert await job_queue.end(job, JobOutcome("done", answer=made), events)
    return job.id


async def age(database: Database, id: str, by: timedelta) -> None:
    when = datetime.now(UTC) - by
    await database.write(
        lambda s: s.execute(update(JobRow).where(JobRow.id == id).values(finished_at=when))
    )


async def ids(history: History, client: str = "", **wanted: Any) -> list[str]:
    asked: dict[str, Any] = {"limit": 100, "before": None, "words": None, "mood": None} | wanted
    return [summary.id for summary in (await history.page(client, **asked)).covers]


def test_pages_follow_one_another_newest_first(job_queue: JobQueue, history: History) -> None:
    async def work() -> None:
        made = [await done(job_queue, number) for number in range(5)]
        listed: list[str] = []
        before = None
        for size in (2, 2, 1):
            page = await history.page("", 2, before, None, None)
            assert len(page.covers) == size
            listed += [summary.id for summary in page.covers]
            before = int(page.next) if page.next else None
            await done(job_queue, 100 + len(listed))  # what comes in meanwhile moves nothing
        assert before is None
        assert listed == made[::-1]

    run(work())


def test_a_summary_has_what_a_gallery_shows(job_queue: JobQueue, history: History) -> None:
    async def work() -> None:
        id = await done(job_queue, 1)
        (summary,) = (await history.page("", 5, None, None, None)).covers
        assert summary.image_url == f"/v1/covers/{id}/images/1.png"
        assert (summary.mood, summary.style) == ("Power", "painting")
        assert summary.prompt == "a painting of the sea"
        assert abs(summary.created_at - datetime.now(UTC)) < timedelta(minutes=1)

    run(work())


def test_a_long_history_is_searched_in_an_index(
    job_queue: JobQueue, history: History, database: Database
) -> None:
    async def work() -> None:
        await done(job_queue, 1, title="a lamp on the hill")
        asked: list[tuple[str, Any]] = []

        @event.listens_for(database.engine, "before_cursor_execute")
        def _note(_c: Any, _u: Any, statement: str, parameters: Any, *_: Any) -> None:
            asked.append((statement, parameters))

        assert await ids(history, words="lamp on") == [name(1)]
        statement, parameters = next(each for each in asked if "search_text" in each[0])
        with database.engine.connect() as connection:
            if "?" in statement:
                plan = connection.exec_driver_sql(f"explain query plan {statement}", parameters)
            else:  # of so few rows PostgreSQL reads all
                plan = connection.exec_driver_sql("select indexdef from pg_indexes")
            how = str(plan.all())
        assert "jobs_search VIRTUAL TABLE INDEX" in how or "USING gin (search_text" in how

    run(work())


@pytest.mark.parametrize(
    ("words", "matches"),
    [
        ("바다", {1, 2}),
        ("THE SEA", {1, 2, 3}),
        ("100%", {2}),
        ("under_", {3}),
        ("0x", set()),
        ("풍선", {3}),
        ("'; drop table jobs --", set()),
        ('sea" OR "', set()),
        ("se", {1, 2, 3}),
        ("z", {4}),
    ],
)
def test_words_are_searched_as_they_are(
    job_queue: JobQueue, history: History, words: str, matches: set[int]
) -> None:
    async def work() -> None:
        await done(job_queue, 1)
        await done(job_queue, 2, prompt="100% of the sea")
        await done(job_queue, 3, summary="under_water", lyrics="풍선")
        await done(job_queue, 4, summary="x", lyrics="y", prompt="z")
        assert set(await ids(history, words=words)) == {name(number) for number in matches}

    run(work())


def test_words_are_searched_whatever_their_case_form_and_spacing(
    job_queue: JobQueue, history: History
) -> None:
    async def work() -> None:
        plain: dict[str, Any] = {"title": None, "artist": None, "summary": "x", "prompt": "y"}
        decomposed = unicodedata.normalize("NFD", "파란 나비가 난다")
        await done(job_queue, 1, **plain | {"title": "Étoile", "lyrics": decomposed})
        await done(
            job_queue, 2, **plain | {"artist": "ТАНЕЦ Μουσική", "lyrics": "푸른\n하늘 straße"}
        )
        for words, number in {
            "ÉTOILE": 1,
            "étoile": 1,
            "e\u0301toile": 1,
            "나비": 1,
            unicodedata.normalize("NFD", "나비"): 1,
            "\uffa4\uffc2\uffb2\uffdc": 1,
            "  나비가\t난다 ": 1,
            "танец": 2,
            "ΜΟΥΣΙΚΉ": 2,
            "푸른  하늘": 2,
            "STRASSE": 2,
            "\0танец": 2,
        }.items():
            assert await ids(history, words=words) == [name(number)], words
        for words in ("", "  ", "\n\u3000", None):
            assert await ids(history, words=words) == [name(2), name(1)]
        assert await ids(history, words="étoile 파란") == [], "not across two texts"

    run(work())


def test_lyrics_that_are_not_kept_are_not_searched(database: Database, history: History) -> None:
    async def work() -> None:
        await done(JobQueue(database, "one", keep_lyrics=False), 1, lyrics="나비", title="풍선")
        assert await ids(history, words="나비") == []
        assert await ids(history, words="풍선") == [name(1)]

    run(work())


def test_sets_of_before_are_found(database: Database, history: History) -> None:
    """Those that a version without folded texts has made."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    def migrate(move: Callable[..., None], revision: str) -> None:
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            move(config, revision)

    async def work() -> None:
        job_queue = JobQueue(database, "one")
        for number in range(205):
            await done(job_queue, number, lyrics=f"ÉTOILE {number}")
        await begun(job_queue, 999)
        migrate(command.downgrade, "0002")
        migrate(command.upgrade, "head")
        assert await ids(history, words="étoile 204") == [name(204)]
        assert len(await ids(history, words="étoile")) == 100
        assert len(await ids(history, words="Étoile 1")) == 1 + 10 + 100 - 11

    run(work())


def test_moods_are_chosen(job_queue: JobQueue, history: History) -> None:
    async def work() -> None:
        await done(job_queue, 1)
        assert await ids(history, mood="Power") == [name(1)]
        assert await ids(history, mood="Joyful") == []

    run(work())


def test_unfinished_and_failed_jobs_are_no_history(job_queue: JobQueue, history: History) -> None:
    async def work() -> None:
        job = await begun(job_queue, 1)
        await begun(job_queue, 2)
        problem = problem_of(KeyError(), "/x")
        await job_queue.end(job, JobOutcome("failed", problem=problem))
        assert await ids(history) == []
        assert list(await history.unfinished("")) == [name(2)]

    run(work())


def test_each_client_has_its_own_history(
    job_queue: JobQueue, history: History, store: CoverStore
) -> None:
    async def work() -> None:
        mine, theirs = await done(job_queue, 1, "me"), await done(job_queue, 2, "them")
        for id in (mine, theirs):
            store.save(id, [b"png"])
        assert await ids(history, "me") == [mine]
        await history.delete("me", theirs)
        assert await ids(history, "them") == [theirs]
        await history.delete("me")
        assert await ids(history, "me") == []
        assert await ids(history, "them") == [theirs]
        assert store.read(theirs, 1) == b"png"
        with pytest.raises(NotFound):
            store.read(mine, 1)

    run(work())


def test_many_are_deleted(job_queue: JobQueue, history: History) -> None:
    async def work() -> None:
        for number in range(120):
            await done(job_queue, number)
        await history.delete("")
        assert await ids(history) == []

    run(work())


def test_old_things_are_forgotten(
    database: Database, job_queue: JobQueue, history: History
) -> None:
    async def work() -> None:
        old, young = await done(job_queue, 1), await done(job_queue, 2)
        failed = await begun(job_queue, 3)
        await job_queue.end(failed, JobOutcome("failed", problem=problem_of(KeyError(), "/x")))
        await age(database, old, timedelta(days=2, minutes=1))
        await age(database, young, EVENTS_KEPT + timedelta(minutes=1))
        await history.forget()
        assert await ids(history) == [young]
        assert (await job_queue.state(failed.id, "")).status == "failed"
        left = await database.read(lambda s: s.scalar(select(func.count(EventRow.job))))
        assert left == 0
        await age(database, failed.id, FAILURES_KEPT + timedelta(minutes=1))
        await history.forget()
        with pytest.raises(NotFound):
            await job_queue.state(failed.id, "")

    run(work())
