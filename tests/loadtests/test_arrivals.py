from __future__ import annotations

import numpy as np
import pytest

from loadtests.arrivals import Arrivals, schedule


def test_poisson_counts_have_equal_mean_and_variance() -> None:
    counts = [len(schedule(Arrivals.POISSON, 20, 5, seed)) for seed in range(600)]
    assert np.mean(counts) == pytest.approx(100, rel=0.03)
    assert np.var(counts) == pytest.approx(100, rel=0.2)


def test_poisson_gaps_are_exponential() -> None:
    gaps = np.diff(schedule(Arrivals.POISSON, 4, 2000, seed=1))
    assert gaps.mean() == pytest.approx(0.25, rel=0.05)
    assert gaps.std() == pytest.approx(0.25, rel=0.05)
    assert np.mean(gaps > 0.25) == pytest.approx(np.exp(-1), abs=0.02)


def test_a_seed_decides_the_times_and_a_rate_only_scales_them() -> None:
    slow = schedule(Arrivals.POISSON, 2, 60, seed=7)
    assert slow == schedule(Arrivals.POISSON, 2, 60, seed=7)
    assert slow != schedule(Arrivals.POISSON, 2, 60, seed=8)
    fast = schedule(Arrivals.POISSON, 4, 60, seed=7)
    assert np.array(fast[: len(slow)]) == pytest.approx(np.array(slow) / 2)


def test_constant_arrivals() -> None:
    times = schedule(Arrivals.CONSTANT, 2, 3, seed=1)
    assert times == [0, 0.5, 1, 1.5, 2, 2.5]


@pytest.mark.parametrize("arrivals", Arrivals)
def test_all_are_within_the_duration(arrivals: Arrivals) -> None:
    times = schedule(arrivals, 100, 2.5, seed=3)
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] < 2.5
