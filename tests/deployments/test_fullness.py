"""A full line is remembered for a moment, and forgotten."""

from __future__ import annotations

import pytest

from deployments.errors import Overloaded
from deployments.fullness import Fullness


@pytest.mark.parametrize(("wait_s", "moment"), [(30.0, 1.0), (5.0, 0.5)])
def test_remembered_for_a_moment(wait_s: float, moment: float) -> None:
    now = 100.0
    full = Fullness(lambda: now)
    assert full.now() is None
    refusal = Overloaded("7 requests are waiting already", 3)
    full.remember(refusal, wait_s)
    now += 0.9 * moment
    assert full.now() is refusal
    now += 0.2 * moment
    assert full.now() is None


def test_the_last_refusal_counts() -> None:
    now = 100.0
    full = Fullness(lambda: now)
    full.remember(Overloaded("7 requests are waiting already", 3), 30.0)
    now += 0.9
    again = Overloaded("8 requests are waiting already", 4)
    full.remember(again, 30.0)
    now += 0.9
    assert full.now() is again
