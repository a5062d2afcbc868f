"""The bootstrap interval of a mean."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.common.intervals import bootstrap_interval


def test_it_is_the_normal_interval_where_that_holds() -> None:
    values = np.random.default_rng(0).random(400)
    interval = bootstrap_interval(values)
    error = 1.96 * values.std() / 20
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - error, abs=0.2 * error)
    assert interval.high == pytest.approx(values.mean() + error, abs=0.2 * error)


def test_it_narrows_with_the_square_root_of_the_values() -> None:
    rng = np.random.default_rng(1)
    few, many = (bootstrap_interval(rng.normal(0.1, 0.05, count)) for count in (10, 1000))
    for interval in (few, many):
        assert interval.low < interval.mean < interval.high
    assert many.high - many.low < (few.high - few.low) / 4


def test_equal_values_have_no_width_and_none_have_no_mean() -> None:
    interval = bootstrap_interval([0.25, 0.25])
    assert (interval.low, interval.mean, interval.high) == (0.25, 0.25, 0.25)
    with pytest.raises(ValueError, match="no values"):
        bootstrap_interval([])


def test_it_is_the_same_at_every_call() -> None:
    values = np.random.default_rng(2).random(30)
    assert bootstrap_interval(values) == bootstrap_interval(values)
