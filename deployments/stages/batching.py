"""Batches in which one bad item fails alone, and the models that answer in batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ray import serve

from deployments.config.user_config import BatchTunables
from deployments.stages.model_thread import ModelThread
from deployments.telemetry import metrics

Item = TypeVar("Item")
Result = TypeVar("Result")


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


class BatchedModel(Generic[Item, Result]):
    """A model that answers in batches, each batch in the model's own thread.

    Every instance has a batch queue of its own: a method under `@serve.batch` has one for its class
    (Ray 2.60), which stages that share a process, and a base class, would share.

    Args:
        name: of the thread.
        many: answers a list of items, in their order.
        longest: an item as long as items get, for the warm-up.
        warm_up: what is warmed up; `many` unless given.
    """

    def __init__(
        self,
        name: str,
        many: Callable[[list[Item]], list[Result]],
        longest: Item,
        warm_up: Callable[[list[Item]], object] | None = None,
    ) -> None:
        thread = ModelThread(name)
        defaults = BatchTunables()

        @serve.batch(
            max_batch_size=defaults.max_batch_size,
            batch_wait_timeout_s=defaults.batch_wait_timeout_s,
        )
        async def batch(items: list[Item]) -> list[Result | Exception]:
            return await thread.run(each_on_its_own, many, items)

        self.thread = thread
        self._batch: Any = batch
        self._warm_up = WarmUp(warm_up or many, longest)
        self._warm_up.reach(defaults.max_batch_size)

    async def answer(self, item: Item) -> Result:
        """The model's answer to one item.

        Raises:
            Exception: the item's own.
        """
        outcome: Result | Exception = await self._batch(item)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def tune(self, tunables: BatchTunables) -> None:
        """Take over other sizes; a larger batch than any so far is run once before."""
        await self.thread.run(self._warm_up.reach, tunables.max_batch_size)
        self.thread.patience_s = tunables.patience_s
        self._batch.set_max_batch_size(tunables.max_batch_size)
        self._batch.set_batch_wait_timeout_s(tunables.batch_wait_timeout_s)
