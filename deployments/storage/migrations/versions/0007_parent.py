"""A set tells which one it goes on from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, by which a set's family is found."""
    op.add_column("jobs", sa.Column("parent", sa.String(32)))
    op.create_index("ix_jobs_parent", "jobs", ["parent"])


def downgrade() -> None:
    """Drop it in place: a copy of the table, as in batches, would be without its triggers in SQLite."""
    op.drop_index("ix_jobs_parent", "jobs")
    op.drop_column("jobs", "parent")
