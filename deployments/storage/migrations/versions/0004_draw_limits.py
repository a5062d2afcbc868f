"""Requests for covers may be counted by all ingresses together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "draw_limits",
        sa.Column("client", sa.String(128), nullable=False),
        sa.Column("full_at", sa.Float(53), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("client", name="pk_draw_limits"),
    )
    op.create_index("ix_draw_limits_full_at", "draw_limits", ["full_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("draw_limits")
