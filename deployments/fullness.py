"""That the line of jobs is full, remembered for a moment: under overload most requests are refused, and each
look into the book would take time from the jobs in it."""

from __future__ import annotations

import time
from collections.abc import Callable

from deployments.errors import Overloaded

MOMENT = 0.25  # seconds, in which no full line runs empty


class Fullness:
    """The last refusal, until it is a moment old."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last: Overloaded | None = None
        self._until = 0.0

    def remember(self, refusal: Overloaded) -> None:
        """The book said that it is full."""
        self._last, self._until = refusal, self._now() + MOMENT

    def check(self) -> None:
        """Refuse what would surely be refused.

        Raises:
            Overloaded: the line was full a moment ago.
        """
        if self._last is not None and self._now() < self._until:
            raise Overloaded(str(self._last), self._last.retry_after)
