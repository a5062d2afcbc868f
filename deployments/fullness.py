"""That the line of jobs is full, remembered for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable

from deployments.errors import Overloaded

MOMENT = 0.25  # seconds, in which no full line runs empty


class Fullness:
    """The last refusal, until it is a moment old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: Overloaded | None = None
        self._until = 0.0

    def remember(self, refusal: Overloaded) -> None:
        """The book said that it is full."""
        self._last, self._until = refusal, self._clock() + MOMENT

    def now(self) -> Overloaded | None:
        """What a request would surely be told, or None if it may be accepted."""
        return self._last if self._clock() < self._until else None
