from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from scripts.training.finetuning.denoising import infilled, permuted

MASK = 1000


@pytest.mark.parametrize("length", [0, 1, 2, 3, 10, 57, 400])
def test_a_share_is_masked_and_the_rest_is_kept_in_order(length: int) -> None:
    for seed in range(40):
        ids = list(range(length))
        noisy = infilled(ids, MASK, np.random.default_rng(seed))
        unmasked = [token for token in noisy if token != MASK]
        assert unmasked == sorted(set(unmasked))
        assert len(unmasked) == length - round(0.3 * length)
        assert not any(a == b == MASK for a, b in pairwise(noisy)), "spans must not touch"


def test_spans_are_of_several_lengths_and_each_is_one_mask() -> None:
    spans: list[int] = []
    for seed in range(50):
        noisy = infilled(range(200), MASK, np.random.default_rng(seed))
        edges = [-1, *noisy, 200]
        for index in (i for i, token in enumerate(edges) if token == MASK):
            spans.append(edges[index + 1] - edges[index - 1] - 1)
    assert {0, 1, 2, 3, 5} <= set(spans)
    assert 2.4 < np.mean(spans) < 3.3
    assert len(spans) / 50 > 15


def test_sentences_change_places() -> None:
    lines = [f"줄 {n}" for n in range(8)]
    orders = [permuted(lines, np.random.default_rng(seed)) for seed in range(5)]
    assert all(sorted(order) == sorted(lines) for order in orders)
    assert len({tuple(order) for order in orders}) == 5
    assert permuted(lines, np.random.default_rng(3)) == orders[3]
