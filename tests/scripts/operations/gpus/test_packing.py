from __future__ import annotations

import itertools
import random

from scripts.operations.gpus.packing import UNIT, place, stuck_order, units


def test_each_goes_to_the_fullest_gpu_with_room() -> None:
    demands = [units(f) for f in (0.65, 0.25, 0.65, 0.06, 0.3)]
    assert place(demands, 2) == [[0, 1, 3], [2, 4]]
    assert place([units(0.6)] * 3, 2) is None
    assert place([units(0.1)] * 10, 1) == [list(range(10))], "tenths add up to a whole"


def test_whole_gpus_want_empty_ones() -> None:
    assert place([units(0.1), units(1)], 2) == [[0], [1]]
    assert place([units(2)], 2) == [[0], [0]]
    assert place([units(0.1), units(2)], 2) is None


def test_an_order_that_gets_stuck_is_found() -> None:
    """Fractions may fit together, and yet not in the order in which the replicas come."""
    large, small = [units(0.6)] * 2, [units(0.2)] * 4
    assert place([*large, *small], 2) is not None
    stuck = stuck_order({"Large": large, "Small": small}, 2)
    assert stuck is not None
    assert stuck[-1] == "Large"
    assert stuck.count("Small") >= 3
    assert stuck_order({"Large": large, "Small": small[:2]}, 2) is None


def test_against_every_order_there_is() -> None:
    stream = random.Random(0)
    stuck_cases = 0
    for _ in range(60):
        gpus = stream.choice([1, 2, 3])
        demands = {
            name: [units(stream.choice([0.15, 0.3, 0.45, 0.6, 1]))] * stream.choice([1, 2])
            for name in "abc"
        }
        each = [value for values in demands.values() for value in values]
        expected = any(place(order, gpus) is None for order in set(itertools.permutations(each)))
        stuck = stuck_order(demands, gpus)
        assert (stuck is not None) == expected
        if stuck is not None:
            stuck_cases += 1
            arrived = [demands[name][0] for name in stuck]
            assert place(arrived[:-1], gpus) is not None
            assert place(arrived, gpus) is None
    assert 10 < stuck_cases < 60


def test_units_are_rays() -> None:
    assert units(1) == UNIT
    assert sum(units(0.1) for _ in range(10)) == UNIT
