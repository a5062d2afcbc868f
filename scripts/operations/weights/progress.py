"""The line that says how far a transfer is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from scripts.operations.weights.disk import readable

TERMINAL_SECONDS = 0.5
FILE_SECONDS = 20.0  # a log should stay readable


def duration(seconds: float) -> str:
    """A rough time, such as `3 min` or `2 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


class Progress:
    """Percent, MB/s and time left: one line rewritten on a terminal, a line now and then elsewhere.

    Args:
        name: what is transferred.
        out: where to write; standard output by default.
        clock: seconds from any origin.
    """

    def __init__(
        self,
        name: str,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._out = out or sys.stdout
        self._clock = clock
        self._terminal = self._out.isatty()
        self._width = 0
        self.begin(0, None)

    def begin(self, at: int, total: int | None) -> None:
        """Start measuring with `at` bytes already there, of `total` (None: not known)."""
        self._began = self._shown = self._clock()
        self._first = at
        self._total = total

    def update(self, at: int) -> None:
        """Tell that `at` bytes are there; print when it is time."""
        now = self._clock()
        if now - self._shown >= (TERMINAL_SECONDS if self._terminal else FILE_SECONDS):
            self._shown = now
            self._show(self.describe(at))

    def describe(self, at: int) -> str:
        """The line for `at` bytes."""
        rate = (at - self._first) / max(self._clock() - self._began, 1e-9)
        speed = f"{rate / 1e6:.1f} MB/s"
        if not self._total:
            return f"{self._name}  {readable(at)}  {speed}"
        left = (
            f"  {duration((self._total - at) / rate)} left" if rate > 0 and at < self._total else ""
        )
        share = f"{100 * at / self._total:.0f} %  {readable(at)} of {readable(self._total)}"
        return f"{self._name}  {share}  {speed}{left}"

    def end(self, at: int) -> None:
        """Print the last line of a transfer that ended with `at` bytes."""
        self._show(self.describe(at))
        self._close_line()

    def note(self, text: str) -> None:
        """Print a line of its own about this transfer."""
        self._close_line()
        print(f"{self._name}  {text}", file=self._out, flush=True)

    def _show(self, line: str) -> None:
        if not self._terminal:
            print(line, file=self._out, flush=True)
            return
        print("\r" + line.ljust(self._width), end="", file=self._out, flush=True)
        self._width = len(line)

    def _close_line(self) -> None:
        if self._width:
            print(file=self._out, flush=True)
            self._width = 0
