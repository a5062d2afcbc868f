from __future__ import annotations

import asyncio
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from deployments.contract.errors import DatabaseUnavailable, StorageFull
from deployments.storage.database import FILE, Database, epoch_now
from deployments.storage.tables import Base, IngressRow


def test_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
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


@pytest.mark.parametrize("url", ["mysql://a/b", "nonsense", "oracle://x"])
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
