"""Whose tables a database has, looked at before anything is touched, and how they are brought up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from deployments.storage.tables import Base

MIGRATIONS = Path(__file__).parent / "migrations"
REVISIONS = "alembic_version"  # Alembic's own table
SQLITE = b"SQLite format 3\0"  # how its files begin
NO_DATABASE = (
    "it is no SQLite database, or a damaged one: move it away, or name another in history.url; "
    "nothing was changed"
)


class ForeignTables(Exception):
    """The tables are not of this version or not of this program; the message says whose, and what to do."""


def upgrade(connection: Connection) -> None:
    """Create the tables or change them to this version's.

    Raises:
        ForeignTables: they are not this version's or an older one's; nothing was changed.
    """
    check(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def check(connection: Connection) -> None:
    """Look whether the tables are of this version or an older one, or not there at all.

    Raises:
        ForeignTables: they are another's.
    """
    there = inspect(connection).get_table_names()
    revisions = set()
    if REVISIONS in there:
        revisions = set(connection.scalars(text(f"select version_num from {REVISIONS}")))
    known = {script.revision for script in _scripts().walk_revisions()}
    if unknown := revisions - known:
        raise ForeignTables(
            f"it is of another version, most likely a newer one (revision {min(unknown)}; this one knows "
            f"{max(known)}): start that version, or name another database in history.url; nothing was changed"
        )
    taken = sorted(set(there) & set(Base.metadata.tables))
    if taken and not revisions:
        raise ForeignTables(
            f"it has another program's table {taken[0]}: name another database in history.url; "
            "nothing was changed"
        )


def check_file(file: Path) -> None:
    """Look at a SQLite file as `check` does, and leave no trace, neither in it nor beside it.

    Raises:
        ForeignTables: it is another's, or no database; the latter may also raise SQLAlchemy's DatabaseError.
    """
    with file.open("rb") as opened:
        beginning = opened.read(len(SQLITE))
    if beginning not in (SQLITE, b""):
        raise ForeignTables(NO_DATABASE)
    with _reader(file) as connection:
        check(connection)


@contextmanager
def _reader(file: Path) -> Iterator[Connection]:
    # With no write-ahead log beside it, everything is in the file; a mere reader would leave a log there.
    log = Path(f"{file}-wal").exists()
    uri = f"file:{quote(str(file.absolute()))}?mode=ro{'' if log else '&immutable=1'}"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(uri, uri=True),
        poolclass=NullPool,
        hide_parameters=True,
    )
    with engine.connect() as connection:
        yield connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
