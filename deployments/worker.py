"""One thread beside the event loop, for work that takes milliseconds or more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from deployments import metrics

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Worker:
    """Runs one call at a time, in order; the loop stays free for health checks and new requests."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pool = ThreadPoolExecutor(1, name)

    async def run(
        self,
        work: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """`work(...)` in the thread.

        Raises:
            Exception: whatever `work` raises.
        """
        call = partial(self._timed, partial(work, *arguments, **named))
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def _timed(self, call: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        try:
            return call()
        finally:
            metrics.WORK_SECONDS.add(time.perf_counter() - started, worker=self._name)

    def stop(self) -> None:
        """Take no more calls; do not wait for the one that runs."""
        self._pool.shutdown(wait=False, cancel_futures=True)
