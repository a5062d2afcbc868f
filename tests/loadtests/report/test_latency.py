from __future__ import annotations

import numpy as np
import pytest

from loadtests.report.latency import percentile, summarise


@pytest.mark.parametrize("count", [1, 2, 3, 10, 101])
@pytest.mark.parametrize("percent", [0, 1, 50, 90, 95, 99, 99.9, 100])
def test_percentiles_are_those_of_numpy(count: int, percent: float) -> None:
    values = np.random.default_rng(count).exponential(size=count)
    assert percentile(values, percent) == pytest.approx(float(np.percentile(values, percent)))


def test_percentiles_need_values() -> None:
    assert summarise([]) is None
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)
    with pytest.raises(ValueError, match="0 to 100"):
        percentile([1], 101)
