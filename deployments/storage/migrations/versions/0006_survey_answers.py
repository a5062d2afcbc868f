"""The survey's answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "survey_answers",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("job", NUMBER),
        sa.Column("rank", sa.SmallInteger()),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.String(16), nullable=False),
        sa.Column("answer", sa.String(64), nullable=False),
        sa.Column("correct", sa.Boolean()),
        sa.ForeignKeyConstraint(
            ["job"], ["jobs.number"], name="fk_survey_answers_job", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_survey_answers"),
    )
    op.create_index("ix_survey_answers_client", "survey_answers", ["client"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("survey_answers")
