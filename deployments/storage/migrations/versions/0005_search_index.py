"""The history is searched and listed by mood in indexes, however long it is.

Three characters and more are searched by trigrams: of FTS5 in SQLite, of pg_trgm in PostgreSQL, an extension
that the owner of a database may create since PostgreSQL 13. Without it, searches read the history as before.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_log = logging.getLogger("ray.serve")

SQLITE = (
    "create virtual table jobs_search using fts5"
    "(search_text, content='jobs', content_rowid='number', tokenize='trigram', detail='none')",
    "create trigger jobs_search_insert after insert on jobs when new.search_text is not null begin "
    "insert into jobs_search(rowid, search_text) values (new.number, new.search_text); end",
    "create trigger jobs_search_delete after delete on jobs when old.search_text is not null begin "
    "insert into jobs_search(jobs_search, rowid, search_text) "
    "values ('delete', old.number, old.search_text); end",
    "create trigger jobs_search_update after update of search_text on jobs begin "
    "insert into jobs_search(jobs_search, rowid, search_text) "
    "select 'delete', old.number, old.search_text where old.search_text is not null; "
    "insert into jobs_search(rowid, search_text) "
    "select new.number, new.search_text where new.search_text is not null; end",
    "insert into jobs_search(rowid, search_text) "
    "select number, search_text from jobs where search_text is not null",
)


def upgrade() -> None:
    """Create them."""
    op.drop_index("ix_jobs_mood", "jobs")
    op.create_index("ix_jobs_client_mood_number", "jobs", ["client", "mood", "number"])
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in SQLITE:
            op.execute(statement)
        return
    try:
        with connection.begin_nested():
            op.execute("create extension if not exists pg_trgm")
    except sa.exc.DBAPIError as error:
        _log.warning("the history is searched without an index: %s", error.orig)
        return
    op.execute("create index ix_jobs_search_text on jobs using gin (search_text gin_trgm_ops)")


def downgrade() -> None:
    """Drop them."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"drop trigger jobs_search_{name}")
        op.execute("drop table jobs_search")
    else:
        op.execute("drop index if exists ix_jobs_search_text")
    op.drop_index("ix_jobs_client_mood_number", "jobs")
    op.create_index("ix_jobs_mood", "jobs", ["mood"])
