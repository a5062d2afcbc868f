"""A function of many items by worker processes: in order, with a bound on what is under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 3
"""Items for each worker that are under way or waiting."""


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """`function` of each item, in the order of `items`, which are taken as workers get free.

    `multiprocessing.Pool.imap` would take all items at once, and with them the memory that they need.

    Args:
        function: of a module, for it goes to other processes.
        workers: processes; 1 works in this one.
    """
    if workers == 1:
        yield from map(function, items)
        return
    # spawned, for a fork of a process with threads (of kiwi, of torch) may hang
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
