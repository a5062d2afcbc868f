from __future__ import annotations

import pytest

from deployments.jobs.admission import FIRST_GUESS, DrawingRate


def test_the_first_measurement_replaces_the_guess() -> None:
    pace = DrawingRate()
    assert pace.estimate(12) == pytest.approx(12 * FIRST_GUESS)
    pace.learn(24.0, 12)
    assert pace.estimate(12) == 24.0


def test_shared_time_is_shared() -> None:
    """Two requests of 12 side by side that take 2 s each tell of 1 s for 12."""
    pace = DrawingRate()
    pace.learn(2.0, 24)
    assert pace.estimate(12) == 1.0


def test_it_follows_what_is_measured() -> None:
    pace = DrawingRate()
    for seconds in (1.0, *[3.0] * 30):
        pace.learn(seconds, 1)
    assert pace.estimate(1) == pytest.approx(3.0, abs=0.1)
