from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from deployments.config.user_config import BatchTunables
from deployments.stages.batching import BatchedModel, WarmUp, each_on_its_own


def halves(numbers: list[int]) -> list[float]:
    return [1 / n for n in numbers]


def test_a_good_batch_is_one_call() -> None:
    calls: list[list[int]] = []

    def watched(numbers: list[int]) -> list[float]:
        calls.append(numbers)
        return halves(numbers)

    assert each_on_its_own(watched, [1, 2, 4]) == [1, 0.5, 0.25]
    assert len(calls) == 1


def test_a_poisoned_item_fails_alone() -> None:
    first, bad, last = each_on_its_own(halves, [1, 0, 4])
    assert (first, last) == (1, 0.25)
    assert isinstance(bad, ZeroDivisionError)


def test_a_single_bad_item_is_tried_once() -> None:
    calls = []

    def watched(numbers: list[int]) -> list[float]:
        calls.append(numbers)
        return halves(numbers)

    assert isinstance(each_on_its_own(watched, [0])[0], ZeroDivisionError)
    assert calls == [[0]]
    assert each_on_its_own(watched, []) == []


def test_only_larger_batches_are_warmed_up_again() -> None:
    calls: list[list[int]] = []
    warm_up = WarmUp(calls.append, 7)
    for size in (2, 1, 2, 3):
        warm_up.reach(size)
    assert calls == [[7, 7], [7, 7, 7]]


def test_a_batch_that_failed_is_tried_again() -> None:
    def fail(items: list[int]) -> None:
        raise MemoryError

    warm_up = WarmUp(fail, 7)
    for _ in range(2):
        with pytest.raises(MemoryError):
            warm_up.reach(2)


def gathered(model: BatchedModel[int, float], items: list[int]) -> Any:
    """What the model makes of items that come at once; errors in their places."""

    async def ask() -> Any:
        return await asyncio.gather(*map(model.answer, items), return_exceptions=True)

    return ask()


def test_items_that_come_together_are_one_batch(run: Callable[..., Any]) -> None:
    batches: list[list[int]] = []

    def watched(numbers: list[int]) -> list[float]:
        batches.append(list(numbers))
        return halves(numbers)

    model = BatchedModel("halves", watched, 1)
    assert batches == [[1] * BatchTunables().max_batch_size]
    first, bad, last = run(gathered(model, [1, 0, 4]))
    assert (first, last) == (1, 0.25)
    assert isinstance(bad, ZeroDivisionError)
    assert batches[1] == [1, 0, 4]


def test_models_that_share_a_process_share_no_batch(run: Callable[..., Any]) -> None:
    """Ray keeps one queue for each decorated function, whatever instance calls it."""
    first = BatchedModel("halves", halves, 1)
    second: BatchedModel[int, float] = BatchedModel("negatives", lambda ns: [-n for n in ns], 1)

    async def ask() -> Any:
        return await asyncio.gather(gathered(first, [1, 2]), gathered(second, [1, 2]))

    assert run(ask()) == [[1, 0.5], [-1, -2]]


def test_a_larger_batch_is_warmed_up_before_it_is_taken(run: Callable[..., Any]) -> None:
    batches: list[int] = []

    def watched(numbers: list[int]) -> list[float]:
        batches.append(len(numbers))
        return halves(numbers)

    model = BatchedModel("halves", watched, 1)
    largest = BatchTunables().max_batch_size + 3

    async def ask() -> Any:
        await model.tune(BatchTunables(max_batch_size=largest, batch_wait_timeout_s=1.0))
        return await gathered(model, [1] * largest)

    assert run(ask()) == [1.0] * largest
    assert batches == [largest - 3, largest, largest]
