from __future__ import annotations

import pytest

from songdalle_core.seeds import SEEDS, STRATA, candidate_seed


@pytest.mark.parametrize("seed", [0, 7, 12345, SEEDS - 1, SEEDS - 5])
def test_candidates_of_a_set_leave_every_remainder(seed: int) -> None:
    seeds = [candidate_seed(seed, number) for number in range(3 * STRATA)]
    assert seeds[0] == seed
    assert all(0 <= one < SEEDS for one in seeds)
    assert len(set(seeds)) == len(seeds)
    for first in range(0, len(seeds), STRATA):
        remainders = {one % STRATA for one in seeds[first : first + STRATA]}
        assert remainders == set(range(STRATA))


def test_neighbouring_seeds_share_no_candidate() -> None:
    seeds = [candidate_seed(seed, number) for seed in range(200) for number in range(24)]
    assert len(set(seeds)) == len(seeds)
