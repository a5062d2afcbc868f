from __future__ import annotations

import pytest

from deployments.stages.batching import WarmUp, each_on_its_own, unwrap


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
    assert unwrap(first) == 1
    with pytest.raises(ZeroDivisionError):
        unwrap(bad)


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
