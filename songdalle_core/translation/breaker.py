"""A circuit breaker: calls to a service that keeps failing are refused at once, for a while.

M. T. Nygard, "Release It!", second edition, section 5.2. Not pybreaker, which holds its lock while a call
runs and so would send the sentences of a batch one after the other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
State = Literal["closed", "open", "half-open"]


class CircuitOpen(RuntimeError):
    """The service failed too often just now; it is not called."""


class CircuitBreaker:
    """Refuses calls for `rest_s` after `failures` of them failed in a row; then lets one through.

    Safe to share between threads, and calls run side by side.

    Args:
        failures: calls in a row that fail before the circuit opens.
        rest_s: seconds until one call may try whether the service is back.
        clock: seconds that only grow.
    """

    def __init__(
        self, failures: int = 5, rest_s: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if failures < 1 or rest_s <= 0:
            raise ValueError(f"failures ({failures}) and rest_s ({rest_s}) must be above 0")
        self._limit, self._rest, self._clock = failures, rest_s, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._opened: float | None = None
        self._trying = False

    @property
    def state(self) -> State:
        """Closed: calls pass; open: they are refused; half-open: the next one, or one under way, decides."""
        with self._lock:
            return self._state()

    def call(
        self,
        work: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """`work(...)`.

        Raises:
            CircuitOpen: it was not called.
            Exception: whatever `work` raises, which counts as a failure.
        """
        self._enter()
        try:
            result = work(*arguments, **named)
        except BaseException:
            self._leave(failed=True)
            raise
        self._leave(failed=False)
        return result

    def _enter(self) -> None:
        with self._lock:
            state = self._state()
            if state == "open" or self._trying:
                raise CircuitOpen(f"not called: it failed {self._failed} times in a row")
            self._trying = state == "half-open"

    def _leave(self, *, failed: bool) -> None:
        with self._lock:
            self._failed = self._failed + 1 if failed else 0
            if not failed:
                self._opened = None
            elif self._failed >= self._limit:
                self._opened = self._clock()
            self._trying = False

    def _state(self) -> State:
        if self._opened is None:
            return "closed"
        return "open" if self._clock() - self._opened < self._rest else "half-open"
