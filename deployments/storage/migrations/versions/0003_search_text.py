"""The history is searched in one folded text; the texts of sets that are there already are folded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from deployments.storage.search_text import search_text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BATCH = 200
JOBS = sa.table(
    "jobs",
    sa.column("number", sa.BigInteger),
    sa.column("status", sa.String),
    *(
        sa.column(name, sa.Text)
        for name in ("title", "artist", "lyrics", "summary", "prompt", "search_text")
    ),
)


def upgrade() -> None:
    """Add the column and fill it."""
    op.add_column("jobs", sa.Column("search_text", sa.Text()))
    connection, last = op.get_bind(), 0
    texts = [JOBS.c[name] for name in ("title", "artist", "lyrics", "summary", "prompt")]
    while True:
        later = (JOBS.c.status == "done", JOBS.c.number > last)
        query = sa.select(JOBS.c.number, *texts).where(*later).order_by(JOBS.c.number).limit(BATCH)
        rows = connection.execute(query).all()
        if not rows:
            return
        for number, *found in rows:
            row = sa.update(JOBS).where(JOBS.c.number == number)
            connection.execute(row.values(search_text=search_text(*found)))
        last = rows[-1].number


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("search_text")
