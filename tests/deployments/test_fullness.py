"""A full line is remembered for a moment, and forgotten."""

from __future__ import annotations

from deployments.errors import Overloaded
from deployments.fullness import MOMENT, Fullness


def test_remembered_for_a_moment() -> None:
    now = 100.0
    full = Fullness(lambda: now)
    assert full.now() is None
    refusal = Overloaded("7 requests are waiting already", 3)
    full.remember(refusal)
    now += 0.9 * MOMENT
    assert full.now() is refusal
    now += 0.2 * MOMENT
    assert full.now() is None


def test_the_last_refusal_counts() -> None:
    now = 100.0
    full = Fullness(lambda: now)
    full.remember(Overloaded("7 requests are waiting already", 3))
    now += 0.9 * MOMENT
    again = Overloaded("8 requests are waiting already", 4)
    full.remember(again)
    now += 0.9 * MOMENT
    assert full.now() is again
