"""One thread beside the event loop, for work that takes milliseconds or more; what hangs there ends it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from deployments.stages.watchdog import end_process
from deployments.telemetry import metrics

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class ModelThread:
    """Runs one call at a time, in order; the loop stays free for health checks and new requests.

    Attributes:
        patience_s: age of a call at which it counts as hung.
    """

    def __init__(
        self, name: str, patience_s: float = 60.0, end: Callable[[str], None] = end_process
    ) -> None:
        self.patience_s = patience_s
        self._name = name
        self._end = end
        self._since: float | None = None
        self._watched = False
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
        if not self._watched:
            self._watched = True
            self._look_after(self.patience_s)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def _timed(self, call: Callable[[], Result]) -> Result:
        started = self._since = time.perf_counter()
        try:
            return call()
        finally:
            self._since = None
            metrics.WORK_SECONDS.add(time.perf_counter() - started, worker=self._name)

    def _look_after(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """End the process if the call that runs hangs: every later one would wait for it."""
        since = self._since
        if since is None:
            self._watched = False
            return
        left = since + self.patience_s - time.perf_counter()
        if left <= 0:
            self._end(f"the {self._name} has hung for {self.patience_s:g} s")
        else:
            self._look_after(left)

    def stop(self) -> None:
        """Take no more calls; do not wait for the one that runs."""
        self._pool.shutdown(wait=False, cancel_futures=True)
