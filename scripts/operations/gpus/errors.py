"""What keeps a plan from being made."""

from __future__ import annotations


class PlanError(ValueError):
    """The configuration cannot be planned; says what to change."""
