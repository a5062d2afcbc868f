"""How far long work has come: a line on standard error every few seconds."""

from __future__ import annotations

import sys
import time


class Tally:
    """Counts what is done and says so, with the rate and, where the total is known, the time left.

    Args:
        unit: what is counted, in the plural.
        total: how many there will be.
        every: seconds from one line to the next.
    """

    def __init__(self, unit: str, total: int | None = None, every: float = 10.0) -> None:
        self._unit = unit
        self._total = total
        self._every = every
        self._done = 0
        self._began = self._said = time.monotonic()

    def add(self, count: int = 1) -> None:
        """So many more are done."""
        self._done += count
        now = time.monotonic()
        if now - self._said >= self._every:
            self._said = now
            print(self._line(now - self._began), file=sys.stderr, flush=True)

    def _line(self, seconds: float) -> str:
        rate = self._done / seconds
        if self._total is None:
            return f"{self._done:,} {self._unit}, {rate:.1f} a second"
        left = (self._total - self._done) / max(rate, 1e-9)
        return (
            f"{self._done:,} of {self._total:,} {self._unit}, {rate:.1f} a second, "
            f"{left / 60:.1f} min left"
        )
