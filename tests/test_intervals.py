from __future__ import annotations

import pytest
from scipy.stats import binomtest

from songdalle_core.intervals import wilson_interval


@pytest.mark.parametrize(("count", "total"), [(0, 50), (8, 10), (5, 5), (123, 1000)])
def test_it_is_wilsons_interval(count: int, total: int) -> None:
    theirs = binomtest(count, total).proportion_ci(0.95, method="wilson")
    assert wilson_interval(count, total) == pytest.approx((theirs.low, theirs.high), abs=1e-4)


def test_nothing_has_no_interval() -> None:
    with pytest.raises(ValueError, match="no interval"):
        wilson_interval(0, 0)
