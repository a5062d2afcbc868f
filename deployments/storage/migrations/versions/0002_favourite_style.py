"""Ratings tell the style in which a cover would be liked best."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("ratings", sa.Column("favourite_style", sa.String(40)))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("ratings") as ratings:
        ratings.drop_column("favourite_style")
