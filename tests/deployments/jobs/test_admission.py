from __future__ import annotations

import pytest

from deployments.config.user_config import JobTunables, ScalingTunables
from deployments.jobs.admission import FIRST_GUESS, Admission, DrawingRate


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


def test_each_generator_brings_room() -> None:
    admission, tunables = Admission(lambda: 12), JobTunables(drawing=48, scaling=ScalingTunables())
    assert admission.room(tunables) == 36
    admission.generators.note(3, wanted=True)
    assert admission.room(tunables) == 3 * 48 - 12
    admission.generators.note(0, wanted=True)  # its jobs wait where the first one will be
    assert admission.room(tunables) == 36


def test_an_estimate_tells_of_a_generator_that_has_to_start() -> None:
    admission = Admission(lambda: 0)
    tunables = JobTunables(scaling=ScalingTunables(start_s=40))
    assert admission.estimate(10, tunables) == 10 * FIRST_GUESS
    admission.generators.note(0, wanted=False)
    assert admission.estimate(10, tunables) == 10 * FIRST_GUESS + 40
    assert admission.estimate(10, JobTunables()) == 10 * FIRST_GUESS
