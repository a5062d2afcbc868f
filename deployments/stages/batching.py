"""Batches in which one bad item fails alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from deployments.config.user_config import BatchTunables
from deployments.telemetry import metrics

Item = TypeVar("Item")
Result = TypeVar("Result")


def tune(batched: Any, tunables: BatchTunables) -> None:
    """Give a method under `@serve.batch` another size and patience."""
    batched.set_max_batch_size(tunables.max_batch_size)
    batched.set_batch_wait_timeout_s(tunables.batch_wait_timeout_s)


class WarmUp:
    """Runs the largest batch there will be before one is asked for.

    Args:
        many: the call that is batched.
        item: as long as items get.
    """

    def __init__(self, many: Callable[[list[Item]], object], item: Item) -> None:
        self._run: Callable[[int], object] = lambda size: many([item] * size)
        self._largest = 0

    def reach(self, size: int) -> None:
        """Run a batch of `size`, unless one as large was run already."""
        if size > self._largest:
            self._run(size)
            self._largest = size


def each_on_its_own(
    many: Callable[[list[Item]], list[Result]], items: list[Item]
) -> list[Result | Exception]:
    """Results of `many(items)`; when that fails, of each item by itself, errors in their places.

    Ray fails every request of a batch when the batched call raises; this keeps a poisoned request
    from taking its neighbours along.
    """
    try:
        return list(many(items))
    except Exception as error:
        if len(items) == 1:
            return [error]
    metrics.FALLBACKS.add()
    return [outcome for item in items for outcome in each_on_its_own(many, [item])]


def unwrap(outcome: Result | Exception) -> Result:
    """The result, or the error raised.

    Raises:
        Exception: the item's own.
    """
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
