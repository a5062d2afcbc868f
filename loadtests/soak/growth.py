"""Resident memory of every process over time, and how fast it grows."""

from __future__ import annotations

import asyncio
import math
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np
import psutil

from loadtests.service.machine import MEBIBYTE, FindProcesses, process_name

BINS = 60
FEWEST = 5  # bins; a line through fewer says nothing
CONFIDENCE = 0.95
HOUR = 3600.0


@dataclass(frozen=True)
class Slope:
    """MiB an hour, and the interval in which it lies with 95% confidence."""

    estimate: float
    low: float
    high: float

    @property
    def grows(self) -> bool:
        """Whether the whole interval lies above 0: more than noise."""
        return self.low > 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "mib_per_hour": round(self.estimate, 3),
            "low": round(self.low, 3),
            "high": round(self.high, 3),
            "grows": self.grows,
        }


@dataclass
class History:
    """One process's samples: seconds from the start, and MiB."""

    pid: int
    name: str
    times: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)

    def slope(self, since: float = 0.0) -> Slope | None:
        """Of the samples from `since` on; None of too few."""
        first = bisect_left(self.times, since)
        return slope_of(self.times[first:], self.mebibytes[first:])

    def as_dict(self, since: float) -> dict[str, Any]:
        """For JSON."""
        slope = self.slope(since)
        times, levels = bin_means(self.times, self.mebibytes)
        return {
            "pid": self.pid,
            "name": self.name,
            "first_mib": round(self.mebibytes[0], 1),
            "last_mib": round(self.mebibytes[-1], 1),
            "peak_mib": round(max(self.mebibytes), 1),
            "slope": slope and slope.as_dict(),
            "times": [round(float(t), 1) for t in times],
            "mebibytes": [round(float(mib), 2) for mib in levels],
        }


def bin_means(
    times: Sequence[float], values: Sequence[float], bins: int = BINS
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Means of times and of values in bins of equal length; empty bins are left out."""
    t, v = np.asarray(times, dtype=float), np.asarray(values, dtype=float)
    if not len(t):
        return t, v
    edges = np.linspace(t[0], t[-1], bins + 1)
    places = np.clip(np.searchsorted(edges, t, side="right") - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    there = counts > 0
    means = [np.bincount(places, x, minlength=bins)[there] / counts[there] for x in (t, v)]
    return means[0], means[1]


def slope_of(times: Sequence[float], mebibytes: Sequence[float]) -> Slope | None:
    """Least squares over means of bins, so that a thousand samples of one level do not count as a thousand.

    What is left of the residuals' dependence on their predecessors (lag-1 autocorrelation r) widens the
    interval as if there were n (1 - r) / (1 + r) independent ones (Santer et al., J. Geophys. Res. 105, 2000).
    Samples that lie on a line leave no residual: the interval is that line's slope, of a level [0, 0].

    Args:
        times: seconds, ascending.
        mebibytes: MiB at each of them.

    Returns:
        None where the samples fill fewer than `FEWEST` bins.
    """
    # Measured from the first sample, a level is exactly 0 and no rounding passes for growth.
    t, y = bin_means(times, [level - mebibytes[0] for level in mebibytes])
    if len(t) < FEWEST:
        return None
    from scipy import stats

    t, y = t - t.mean(), y - y.mean()
    spread = float(t @ t)
    slope = float(t @ y) / spread
    residuals = y - slope * t
    power = float(residuals @ residuals)
    r = float(residuals[:-1] @ residuals[1:]) / power if power > 1e-12 else 0.0
    r = min(max(r, 0.0), 0.99)
    independent = max(3.0, len(t) * (1 - r) / (1 + r))
    error = math.sqrt(power / ((independent - 2) * spread))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, independent - 2)) * error
    return Slope(HOUR * slope, HOUR * (slope - reach), HOUR * (slope + reach))


class MemoryHistory:
    """Samples resident memory for as long as its context is open.

    Args:
        find: lists the processes to watch; new ones are looked for at every sample.
        every: seconds between samples.
    """

    def __init__(self, find: FindProcesses, every: float = 2.0) -> None:
        self.histories: dict[int, History] = {}
        self._find = find
        self._every = every
        self._began = time.monotonic()

    async def __aenter__(self) -> MemoryHistory:
        self._began = time.monotonic()
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()

    async def _run(self) -> None:
        while True:
            await asyncio.to_thread(self.sample)
            await asyncio.sleep(self._every)

    def sample(self) -> None:
        """Look at every process once."""
        try:
            processes = self._find()
        except psutil.NoSuchProcess:
            return
        for process in processes:
            try:
                level = process.memory_info().rss / MEBIBYTE
                name = process_name(process)
            except psutil.Error:
                continue  # it ended, or is another user's
            history = self.histories.setdefault(process.pid, History(process.pid, name))
            history.name = name  # Ray gives an idle worker a title only when it becomes a replica
            history.times.append(time.monotonic() - self._began)
            history.mebibytes.append(level)
