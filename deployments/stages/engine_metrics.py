"""What an engine does, put into metrics; and how long its requests waited for a slot."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from deployments.telemetry import metrics

if TYPE_CHECKING:
    from songdalle_core.imagegen.engine.engine import EngineStats, Job

OFTEN = 0.01  # seconds between looks while somebody waits: less than a step of two full groups
SELDOM = 0.1


class Wait:
    """One request's wait for its first slot."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._since = time.perf_counter()
        self._seconds: float | None = None
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """Seconds waited, so far if it goes on."""
        return time.perf_counter() - self._since if self._seconds is None else self._seconds

    def over(self) -> bool:
        """Whether it has ended; the look that sees it end notes how long it took."""
        if self._job.admitted:
            self.end()
        return self._seconds is not None

    def end(self) -> None:
        """End it now, if it has not ended: a slot was given, or the request gives up."""
        with self._lock:
            if self._seconds is not None:
                return
            self._seconds = self.seconds
        metrics.QUEUE_SECONDS.add(self._seconds)
        metrics.QUEUE_WAIT.observe(self._seconds)


class EngineMetrics:
    """A thread that looks at an engine's counts ten times a second, and oftener while requests wait.

    Args:
        stats: the engine's, which it keeps up to date.
        slots: candidates drawn at once.
    """

    def __init__(self, stats: EngineStats, slots: int) -> None:
        self.slots = slots
        self._stats = stats
        self._waits: list[Wait] = []
        self._lock = threading.Lock()
        self._reported = _totals(stats)
        self._looked = time.perf_counter()
        self._stopping = False
        self._wake = threading.Event()
        threading.Thread(target=self._run, name="engine watch", daemon=True).start()

    def await_slot(self, job: Job) -> Wait:
        """Time a submitted job's wait."""
        wait = Wait(job)
        with self._lock:
            self._waits.append(wait)
        self._wake.set()
        return wait

    def stop(self) -> None:
        """Look no more."""
        self._stopping = True
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            came = self._wake.wait(OFTEN if self._waits else SELDOM)
            self._wake.clear()
            if not came:  # who has just come gets the time of a step
                self.look()
        for gauge in (metrics.SLOTS, metrics.SLOTS_IN_USE, metrics.QUEUE_DEPTH):
            gauge.forget()

    def look(self) -> None:
        """Look at those who wait, and if it is time at the engine."""
        with self._lock:
            self._waits = [wait for wait in self._waits if not wait.over()]
        if time.perf_counter() - self._looked >= 0.9 * SELDOM:
            self._tell()

    def _tell(self) -> None:
        stats = self._stats
        self._looked = time.perf_counter()
        totals = _totals(stats)
        counters = (
            metrics.STEPS,
            metrics.DRAWN,
            metrics.CANCELLED,
            metrics.BUSY_SECONDS,
            metrics.SLOT_SECONDS,
        )
        for counter, count, before in zip(counters, totals, self._reported, strict=True):
            counter.add(count - before)
        self._reported = totals
        metrics.SLOTS.set(self.slots)
        metrics.SLOTS_IN_USE.set(stats.occupied)
        metrics.QUEUE_DEPTH.set(stats.waiting)


def _totals(stats: EngineStats) -> tuple[float, ...]:
    """What only grows."""
    return stats.steps, stats.drawn, stats.cancelled, stats.busy_seconds, stats.slot_seconds
