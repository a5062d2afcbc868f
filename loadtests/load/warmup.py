"""Warm-up: play the same requests until three windows in a row agree, as Triton's perf_analyzer does.

Every window asks for the same songs and candidate counts, so that windows differ by what the service does and
not by what it was asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

IN_A_ROW = 3
TOLERANCE = 0.10


@dataclass(frozen=True)
class Window:
    """What one window measured.

    Attributes:
        rate: answered requests a second.
        latency: mean seconds to an answer; None if nothing was answered.
    """

    rate: float
    latency: float | None


@dataclass
class WarmUp:
    """All windows of a warm-up, and whether the last ones agreed."""

    windows: list[Window] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether the last three windows agree."""
        return agree(self.windows[-IN_A_ROW:])

    def describe(self) -> str:
        """For people."""
        count = len(self.windows)
        if not count:
            return "no warm-up"
        if self.settled:
            return f"warm-up settled after {count} windows"
        return f"warm-up NEVER SETTLED in {count} windows: figures may be those of a cold service"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        windows = [{"rate": w.rate, "latency": w.latency} for w in self.windows]
        return {"settled": self.settled, "windows": windows}


def agree(windows: Sequence[Window], tolerance: float = TOLERANCE) -> bool:
    """Whether three windows or more lie within `tolerance` of each other, in rate and in latency."""
    latencies = [w.latency for w in windows if w.latency is not None]
    if len(windows) < IN_A_ROW or len(latencies) < len(windows):
        return False
    series = ([w.rate for w in windows], latencies)
    return all(max(values) <= (1 + tolerance) * min(values) for values in series)


async def warm_up(play: Callable[[], Awaitable[Window | None]], most: int) -> WarmUp:
    """Play windows until they agree, `most` were played, or one was stopped (None)."""
    warmup = WarmUp()
    while len(warmup.windows) < most and not warmup.settled:
        window = await play()
        if window is None:
            break
        warmup.windows.append(window)
    return warmup
