from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from deployments.contract.covers import CoverRequest
from deployments.contract.errors import DatabaseUnavailable, StorageFull
from deployments.storage.database import FILE, Database, epoch_now
from deployments.storage.history import History
from deployments.storage.job_queue import JobQueue
from deployments.storage.job_records import (
    STRIDE,
    Capacity,
    EventRecord,
    JobOutcome,
    Mode,
    NewJob,
    digest_of,
)
from deployments.storage.pictures import CoverStore
from deployments.storage.tables import Base, IngressRow, JobRow
from tests.deployments.sets import covers


def test_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.engine.connect() as connection:
        # the index of searches is the databases' own; the code knows no more of it than its name
        options = {
            "compare_type": True,
            "include_object": lambda _, name, *rest: "jobs_search" not in (name or ""),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_processes_may_migrate_at_once(database_url: str | None, tmp_path: Path) -> None:
    databases = [Database(database_url, tmp_path) for _ in range(4)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(Database.migrate, databases))
    with databases[0].engine.connect() as connection:
        assert connection.execute(text("select count(*) from alembic_version")).scalar() == 1
    for database in databases:
        database.close()


def test_the_clock_is_the_wall_s(database: Database) -> None:
    async def now() -> float:
        seconds = await database.read(lambda session: session.scalar(select(epoch_now())))
        assert seconds is not None
        return seconds

    before = time.time()
    seconds = asyncio.run(now())
    assert before - 2 < seconds < time.time() + 2


def test_writers_wait_for_one_another(database: Database) -> None:
    def raise_lease(session: Session) -> None:
        row = session.get(IngressRow, "w", with_for_update=True)
        assert row is not None
        row.lease_until += 1

    async def run() -> Any:
        await database.write(lambda session: session.add(IngressRow(id="w", lease_until=0)))
        await asyncio.gather(*[database.write(raise_lease) for _ in range(40)])
        return await database.read(lambda s: s.scalar(select(func.max(IngressRow.lease_until))))

    assert asyncio.run(run()) == 40


def test_a_failed_transaction_changes_nothing(database: Database) -> None:
    def fail(session: Session) -> None:
        session.add(IngressRow(id="w", lease_until=0))
        session.flush()
        raise KeyError

    async def run() -> Any:
        with pytest.raises(KeyError):
            await database.write(fail)
        return await database.read(lambda s: s.scalar(select(func.count(IngressRow.id))))

    assert asyncio.run(run()) == 0


def test_without_a_url_it_is_a_file(tmp_path: Path) -> None:
    database = Database(None, tmp_path / "new" / "folder")
    database.migrate()
    assert (tmp_path / "new" / "folder" / FILE).is_file()
    with database.engine.connect() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
        assert connection.execute(text("pragma foreign_keys")).scalar() == 1
    database.close()


@pytest.mark.parametrize(
    "url", ["mysql://a/b", "nonsense", "oracle://x", "sqlite://", "sqlite:///:memory:"]
)
def test_other_databases_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"history\.url"):
        Database(url, tmp_path)


def test_a_database_out_of_reach_is_told_without_its_password(tmp_path: Path) -> None:
    database = Database("postgresql://me:secret@127.0.0.1:9/x?connect_timeout=2", tmp_path)
    with pytest.raises(StorageFull, match=r"127\.0\.0\.1") as caught:
        database.migrate()
    assert "secret" not in str(caught.value)
    (tmp_path / "x.lock").mkdir()  # where a file must be written
    with pytest.raises(StorageFull, match="cannot use the database sqlite:///"):
        Database(f"sqlite:///{tmp_path}/x", tmp_path).migrate()
    (tmp_path / "file").touch()
    with pytest.raises(StorageFull, match="data folder"):
        Database(None, tmp_path / "file")


def test_a_database_that_went_away_is_told(tmp_path: Path) -> None:
    async def run() -> None:
        database = Database("postgresql://me@127.0.0.1:9/x?connect_timeout=2", tmp_path)
        with pytest.raises(DatabaseUnavailable, match="try again soon"):
            await database.read(lambda session: session.scalar(select(epoch_now())))

    asyncio.run(run())


def test_behind_a_pooler_of_transactions_everything_works(pooled_url: str, tmp_path: Path) -> None:
    """Each transaction has a connection to the server that others used before, with other statements."""
    clients = [Database(pooled_url, tmp_path) for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(Database.migrate, clients))
    queues = [JobQueue(client, f"w{n}") for n, client in enumerate(clients)]
    histories = [History(client, CoverStore(tmp_path)) for client in clients]
    ids = [f"{number:032x}" for number in range(24)]

    async def draw(number: int) -> None:
        queue = queues[number % 3]
        request = CoverRequest(lyrics="바다", seed=number, candidates=1)
        job = NewJob(request, digest_of(request), Mode.FOLLOW, id=ids[number])
        accepted = await queue.accept(job, Capacity(24, 24))
        assert accepted.claimed is not None
        events = [EventRecord(STRIDE + 1, "cleaned", "{}")]
        await queue.note(
            [(accepted.claimed.number, 1, "clean", {})],
            [(accepted.claimed.number, events[0])],
        )
        title = "the moon" if number % 2 else None
        answer = covers(ids[number], title=title, summary=f"song {number}")
        assert await queue.end(accepted.claimed, JobOutcome("done", answer=answer))
        await queue.renew(30)

    async def run() -> None:
        await asyncio.gather(*map(draw, range(24)))
        words = [None, "SONG 1", "바다", "nothing"]
        pages = [
            histories[n % 3].page("", 50, None, words[n % 4], "Power" if n % 5 else None)
            for n in range(120)
        ]
        found = [len(page.covers) for page in await asyncio.gather(*pages)]
        assert found == 30 * [24, 11, 24, 0]

    asyncio.run(run())
    for client in clients:
        client.close()


def _revise(database: Database, revision: str) -> None:
    with database.engine.begin() as connection:
        statement = text("update alembic_version set version_num = :revision")
        connection.execute(statement, {"revision": revision})


def _bytes(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_a_database_of_a_newer_version_is_left_alone(
    database: Database, database_url: str | None, tmp_path: Path
) -> None:
    _revise(database, "9999")
    tables = inspect(database.engine).get_table_names()
    database.close()
    before = _bytes(tmp_path)
    newer = Database(database_url, tmp_path)
    message = r"it is of another version, most likely a newer one \(revision 9999; this one knows"
    with pytest.raises(StorageFull, match=message) as caught:
        newer.migrate()
    assert "\n" not in str(caught.value)
    assert _bytes(tmp_path) == before
    with newer.engine.connect() as connection:
        assert (
            connection.execute(text("select version_num from alembic_version")).scalar() == "9999"
        )
        assert inspect(connection).get_table_names() == tables
    newer.close()


def test_a_newer_version_s_database_whose_last_changes_are_beside_it(tmp_path: Path) -> None:
    newer = Database(None, tmp_path)
    newer.migrate()
    _revise(newer, "9999")  # in the write-ahead log, while `newer` is not closed
    older = Database(None, tmp_path)
    with pytest.raises(StorageFull, match="revision 9999"):
        older.migrate()
    older.close()
    newer.close()


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"lyrics, not a database\n" * 500,
        b"SQLite format 3\0",
        b"SQLite format 3\0" + 5000 * b"\xff",
        b"\0" * 4096,
    ],
)
def test_a_file_that_is_no_database_is_left_alone(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    before = _bytes(tmp_path)
    database = Database(None, tmp_path)
    with pytest.raises(StorageFull, match="cannot use the database sqlite:") as caught:
        database.migrate()
    database.close()
    assert "is no SQLite database, or a damaged one" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert _bytes(tmp_path) == before


def test_a_truncated_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / FILE
    database = Database(None, tmp_path)
    database.migrate()
    database.close()
    path.write_bytes(path.read_bytes()[:6000])
    before = _bytes(tmp_path)
    database = Database(None, tmp_path)
    with pytest.raises(StorageFull, match="is no SQLite database, or a damaged one"):
        database.migrate()
    database.close()
    assert _bytes(tmp_path) == before


def test_a_database_of_another_program_is_left_alone(
    database_url: str | None, tmp_path: Path
) -> None:
    database = Database(database_url, tmp_path)
    url = database.url
    database.close()
    other = create_engine(url)
    with other.begin() as connection:
        connection.execute(text("create table jobs (salary integer)"))
    other.dispose()
    before = _bytes(tmp_path)
    with pytest.raises(StorageFull, match="another program's table jobs") as caught:
        database.migrate()
    assert "\n" not in str(caught.value)
    assert _bytes(tmp_path) == before
    with other.connect() as connection:
        assert inspect(connection).get_table_names() == ["jobs"]
    other.dispose()


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    database = Database(None, tmp_path)
    database.migrate()
    database.close()
    assert (tmp_path / FILE).read_bytes().startswith(b"SQLite format 3\0")


def test_errors_do_not_quote_what_was_sung(database: Database) -> None:
    sung = "zanzibarian moon"

    async def run() -> None:
        broken = text("insert into nothing values (:lyrics)").bindparams(lyrics=sung)
        with pytest.raises((DBAPIError, DatabaseUnavailable)) as caught:
            await database.write(lambda session: session.execute(broken))
        formatted = "".join(traceback.format_exception(caught.value))
        assert "nothing" in formatted
        assert sung not in formatted

    asyncio.run(run())


def test_the_project_may_lie_in_a_folder_with_a_percent_sign(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    project = tmp_path / "100%(here)s %d"
    project.mkdir()
    for package in ("deployments", "songdalle_core"):
        (project / package).symlink_to(root / package)
    program = (
        "from pathlib import Path\n"
        "from deployments.storage.database import Database\n"
        "database = Database(None, Path('data % folder'))\n"
        "database.migrate()\n"
        "print(len(database.engine.connect().exec_driver_sql('select * from jobs').keys()))\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(JobRow.__table__.columns)
    assert (project / "data % folder" / FILE).is_file()
