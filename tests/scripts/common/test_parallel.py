from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.common.parallel import AHEAD, in_order


def halved(number: int) -> float:
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number / 2


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_and_items_are_taken_as_they_are_needed(workers: int) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    results = in_order(halved, items(), workers)
    assert next(results) == 0
    assert len(taken) <= AHEAD * workers
    assert list(results) == [number / 2 for number in range(1, 20)]


def test_an_error_comes_out() -> None:
    with pytest.raises(ValueError, match="-1 is negative"):
        list(in_order(halved, [4, -1, 2], 2))
