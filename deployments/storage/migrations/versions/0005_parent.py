"""A set tells which one it goes on from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"  # of whatever comes before it when both are merged
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, by which a set's family is found."""
    op.add_column("jobs", sa.Column("parent", sa.String(32)))
    op.create_index("ix_jobs_parent", "jobs", ["parent"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_jobs_parent", "jobs")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("parent")
