from __future__ import annotations

import asyncio

import pytest

from loadtests.load.search import SearchResult, find_highest_rate


def search(capacity: float, steps: int = 16, start: float = 1.0, stop_at: int = 99) -> SearchResult:
    tried = []

    async def meets(rate: float) -> bool | None:
        tried.append(rate)
        return None if len(tried) > stop_at else rate <= capacity

    return asyncio.run(find_highest_rate(meets, start=start, lowest=0.1, highest=16, steps=steps))


@pytest.mark.parametrize("capacity", [0.13, 0.5, 1.0, 1.7, 3.3, 9.9, 15.5])
def test_the_capacity_is_enclosed(capacity: float) -> None:
    result = search(capacity)
    assert result.rate is not None
    assert result.failing is not None
    assert result.rate <= capacity < result.failing
    assert result.failing - result.rate <= 0.05 * result.failing
    assert len(result.steps) <= 12


def test_no_rate_is_tried_twice_and_steps_are_bounded() -> None:
    result = search(3.3, steps=4)
    assert len(result.steps) == len({rate for rate, _ in result.steps}) == 4
    assert result.rate is not None
    assert result.rate <= 3.3


def test_more_than_may_be_tried() -> None:
    result = search(100)
    assert result.rate == 16
    assert result.failing is None
    assert "no higher one" in result.describe()


def test_less_than_may_be_tried() -> None:
    result = search(0.01)
    assert result.rate is None
    assert result.failing == 0.1
    assert "not even 0.1" in result.describe()


def test_a_stopped_search_keeps_what_it_has() -> None:
    result = search(5, stop_at=2)
    assert [rate for rate, _ in result.steps] == [1, 2]
    assert result.rate == 2
    assert search(5, stop_at=0).describe() == "no rate was measured"
