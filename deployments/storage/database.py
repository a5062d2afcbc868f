"""The database: SQLite in a file unless the configuration names another, PostgreSQL for several machines.

Every transaction runs in a thread of a small pool, so that the event loop never waits for a disk.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Float

from deployments.contract.errors import DatabaseUnavailable, StorageFull
from deployments.storage import schema

Result = TypeVar("Result")

_log = logging.getLogger("ray.serve")

FILE = "history.sqlite3"
THREADS = 4
MIGRATION_LOCK = 0x50A6_DA11  # any number that nothing else in the database takes
BUSY_SECONDS = 20
"""How long a write waits for others to the same rows, in SQLite to the same file."""
_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
KINDS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


class epoch_now(FunctionElement[float]):  # noqa: N801
    """Seconds since 1970 by the database's clock, which all processes share."""

    type = Float()
    inherit_cache = True


@compiles(epoch_now, "sqlite")
def _sqlite_now(*_: Any, **__: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(epoch_now, "postgresql")
def _postgresql_now(*_: Any, **__: Any) -> str:
    return "extract(epoch from clock_timestamp())::float8"


def insert_into(session: Session, table: type[Any]) -> Any:
    """An INSERT of the session's database, which may say what to do where a row is there already."""
    return _INSERTS[session.get_bind().dialect.name](table)


class Database:
    """Transactions for the ingress.

    Args:
        url: `sqlite:///...` or `postgresql://...`; None is a file in `folder`.
        folder: the data folder.
    """

    def __init__(self, url: str | None, folder: Path) -> None:
        self.url = _url(url, folder)
        self.engine = _engine(self.url)
        self._pool = ThreadPoolExecutor(THREADS, "database")

    async def read(self, work: Callable[[Session], Result]) -> Result:
        """What `work` reads, of one state of the database."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._do, work, False)

    async def write(self, work: Callable[[Session], Result]) -> Result:
        """What `work` returns; what it changed is on the disk, or none of it and an error is raised.

        Raises:
            DatabaseUnavailable: it does not answer, or cannot be written.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._do, work, True)

    def _do(self, work: Callable[[Session], Result], writing: bool) -> Result:
        try:
            with (
                self.engine.connect().execution_options(writing=writing) as connection,
                Session(connection, expire_on_commit=False) as session,
                session.begin(),
            ):
                return work(session)
        except OperationalError as error:
            _log.error("the database failed: %s", error.orig)
            raise DatabaseUnavailable("the database does not answer: try again soon") from error

    def migrate(self) -> None:
        """Bring the tables up to date; several processes may do so at once.

        Raises:
            StorageFull: the database cannot be reached or written, or is of a newer version, of another
                program, or none at all; then nothing was touched.
        """
        try:
            if self.url.get_backend_name() == "sqlite":
                self._check_file(Path(self.url.database or ""))
            with self._alone() as connection:
                schema.upgrade(connection)
        except (DatabaseError, OSError, schema.ForeignTables) as error:
            name = self.url.render_as_string(hide_password=True)
            raise StorageFull(f"cannot use the database {name}: {_reason(error)}") from error

    def _check_file(self, file: Path) -> None:
        """Refuse what is no database of ours before its file is opened for writing."""
        lock = Path(f"{file}.lock")
        while file.exists() and not lock.exists():  # no process of ours has ever migrated it
            try:
                return schema.check_file(file)
            except (DatabaseError, schema.ForeignTables):
                if not lock.exists():
                    raise
        if file.exists():
            with lock.open() as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                schema.check_file(file)

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A connection that migrates while no other process does."""
        if self.url.get_backend_name() == "sqlite":
            with Path(f"{self.url.database}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                with self.engine.connect() as connection:
                    yield connection
                    connection.commit()
        else:
            with self.engine.begin() as connection:
                connection.execute(text(f"select pg_advisory_xact_lock({MIGRATION_LOCK})"))
                yield connection

    def close(self) -> None:
        """Give back all connections."""
        self._pool.shutdown(wait=True)
        self.engine.dispose()


def _reason(error: Exception) -> str:
    """Why a database cannot be used, in one line."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if not isinstance(error, DatabaseError):
        return str(error)
    if type(error.orig) is sqlite3.DatabaseError:
        return schema.NO_DATABASE
    return " ".join(str(error.orig).split())


def _url(given: str | None, folder: Path) -> URL:
    if given is None:
        return URL.create("sqlite", database=str(folder / FILE))
    try:
        url = make_url(given)
    except ArgumentError:
        raise ValueError(
            "history.url is no database URL: write sqlite:////a/file or postgresql://user@host/name"
        ) from None
    if url.get_backend_name() not in KINDS:
        raise ValueError(
            f"history.url names {url.get_backend_name()}: choose one of {', '.join(KINDS)}"
        )
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise ValueError("history.url names no file: write sqlite:////a/file")
    return url.set(drivername=KINDS[url.get_backend_name()])


def _engine(url: URL) -> Engine:
    """An engine whose errors, which are logged, do not quote lyrics."""
    if url.get_backend_name() != "sqlite":
        engine = create_engine(
            url,
            pool_size=THREADS,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,
            # A pooler such as PgBouncer gives each transaction another server's connection, which does not have
            # what was prepared on the one before, or has something else under its name.
            connect_args={"prepare_threshold": None},
        )

        @event.listens_for(engine, "begin")
        def _bound(connection: Connection) -> None:
            # Of this transaction only: a pooler gives the connection to others. Migrations may wait longer.
            if connection.get_execution_options().get("writing"):
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")

        return engine
    try:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageFull(f"cannot use the data folder: {error.strerror}") from error
    engine = create_engine(
        url, pool_size=THREADS, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would come too late: see below
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {setting}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader that begins to write while another writes would fail at once, without waiting.
        writing = connection.get_execution_options().get("writing", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
