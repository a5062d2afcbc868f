from __future__ import annotations

import asyncio

import pytest

from loadtests.load.search import Found, find_highest_rate


def search(capacity: float, steps: int = 16, start: float = 1.0, stop_at: int = 99) -> Found:
    tried = []

    async def meets(rate: float) -> bool | None:
        tried.append(rate)
        return None if len(tried) > stop_at else rate <= capacity

    return asyncio.run(find_highest_rate(meets, start=start, lowest=0.1, highest=16, steps=steps))


@pytest.mark.parametrize("capacity", [0.13, 0.5, 1.0, 1.7, 3.3, 9.9, 15.5])
def test_the_capacity_is_enclosed(capacity: float) -> None:
    found = search(capacity)
    assert found.rate is not None
    assert found.failing is not None
    assert found.rate <= capacity < found.failing
    assert found.failing - found.rate <= 0.05 * found.failing
    assert len(found.steps) <= 12


def test_no_rate_is_tried_twice_and_steps_are_bounded() -> None:
    found = search(3.3, steps=4)
    assert len(found.steps) == len({rate for rate, _ in found.steps}) == 4
    assert found.rate is not None
    assert found.rate <= 3.3


def test_more_than_may_be_tried() -> None:
    found = search(100)
    assert found.rate == 16
    assert found.failing is None
    assert "no higher one" in found.describe()


def test_less_than_may_be_tried() -> None:
    found = search(0.01)
    assert found.rate is None
    assert found.failing == 0.1
    assert "not even 0.1" in found.describe()


def test_a_stopped_search_keeps_what_it_has() -> None:
    found = search(5, stop_at=2)
    assert [rate for rate, _ in found.steps] == [1, 2]
    assert found.rate == 2
    assert search(5, stop_at=0).describe() == "no rate was measured"
