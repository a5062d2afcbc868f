from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from scripts.corpus.description.report import bins, lengths, share


def test_lengths_are_those_of_the_values() -> None:
    values = np.random.default_rng(0).integers(6, 999, 401)
    figures = lengths(Counter(values.tolist()))
    assert figures is not None
    assert figures["mean"] == pytest.approx(values.mean(), abs=0.05)
    assert (figures["least"], figures["most"]) == (values.min(), values.max())
    assert figures["median"] == np.percentile(values, 50, method="inverted_cdf")
    assert figures["upper_quartile"] == np.percentile(values, 75, method="inverted_cdf")
    assert lengths(Counter()) is None


def test_bins_hold_every_song() -> None:
    counts = Counter({10: 500, 200: 499, 20_000: 1})
    histogram = bins(counts)
    assert sum(histogram["counts"]) == 1000
    assert len(histogram["edges"]) <= 40
    assert bins(Counter()) == {"edges": [], "counts": []}


def test_a_share_has_wilsons_interval() -> None:
    figures = share(8, 10)
    assert figures is not None
    # from the formula, by hand: centre 0.7167, half 0.2266
    assert (figures["low"], figures["high"]) == pytest.approx((0.4902, 0.9433), abs=2e-4)
    assert share(0, 0) is None
    nothing = share(0, 50)
    assert nothing is not None
    assert nothing["low"] == 0 < nothing["high"] < 0.1
