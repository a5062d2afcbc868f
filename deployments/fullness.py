"""That the line of jobs is full, remembered for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable

from deployments.errors import Overloaded

LONGEST = 1.0
SHARE = 0.1
"""Of the time that a connected client may wait: a full line does not run empty in so little of it."""


class Fullness:
    """The last refusal, until it is a moment old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: Overloaded | None = None
        self._until = 0.0

    def remember(self, refusal: Overloaded, wait_s: float) -> None:
        """The book said that it is full, for clients that may wait for so many seconds."""
        self._last, self._until = refusal, self._clock() + min(LONGEST, SHARE * wait_s)

    def now(self) -> Overloaded | None:
        """What a request would surely be told, or None if it may be accepted."""
        return self._last if self._clock() < self._until else None
