"""The first tables: jobs, their events, workers, ratings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "jobs",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("heard_at", sa.Float(53)),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("idempotency_key", sa.String(128)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("candidates", sa.SmallInteger(), nullable=False),
        sa.Column("request", sa.JSON()),
        sa.Column("worker", sa.String(32)),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("stage", sa.String(16)),
        sa.Column("timings", sa.JSON()),
        sa.Column("title", sa.Text()),
        sa.Column("artist", sa.Text()),
        sa.Column("lyrics", sa.Text()),
        sa.Column("summary", sa.Text()),
        sa.Column("prompt", sa.Text()),
        sa.Column("style", sa.Text()),
        sa.Column("mood", sa.String(16)),
        sa.Column("answer", sa.JSON()),
        sa.Column("problem", sa.JSON()),
        sa.PrimaryKeyConstraint("number", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
        sa.UniqueConstraint("client", "idempotency_key", name="uq_jobs_client_idempotency_key"),
        sqlite_autoincrement=True,
    )
    for columns in (
        ["status", "number"],
        ["client", "number"],
        ["finished_at"],
        ["worker"],
        ["mood"],
    ):
        op.create_index(f"ix_jobs_{'_'.join(columns)}", "jobs", columns)
    op.create_table(
        "events",
        sa.Column("job", NUMBER, nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.number"], name="fk_events_job", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "number", name="pk_events"),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("lease_until", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )
    op.create_table(
        "ratings",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("job", NUMBER, nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=False),
        sa.Column("felt_mood", sa.String(16)),
        sa.Column("favourite", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job"], ["jobs.number"], name="fk_ratings_job", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_ratings"),
        sa.UniqueConstraint("job", "rank", "client", name="uq_ratings_job_rank_client"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("ratings", "workers", "events", "jobs"):
        op.drop_table(table)
