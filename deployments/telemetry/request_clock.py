"""One request as it passes the ingress: the seconds of its stages, its metrics, its spans, how it ended."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from deployments.contract.errors import CoverError
from deployments.telemetry import metrics, tracing

_log = logging.getLogger("ray.serve")
_under_way = 0


class RequestClock:
    """Seconds of each stage, all its passes together; stages that run side by side count fully each."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.seconds: dict[str, float] = {}
        self.delivered = 0  # covers
        self.current: str | None = None  # the stage begun last

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a block under `name`."""
        started = time.perf_counter()
        self.current = name
        try:
            with tracing.span(name):
                yield
        finally:
            seconds = time.perf_counter() - started
            self.seconds[name] = round(self.seconds.get(name, 0.0) + seconds, 4)
            metrics.STAGE_SECONDS.add(seconds, stage=name)
            metrics.STAGE_DURATION.observe(seconds, stage=name)

    def note(self, name: str, seconds: float) -> None:
        """Add a part of a stage that was timed elsewhere."""
        self.seconds[name] = round(seconds, 4)

    def timings(self) -> dict[str, float]:
        """All stages so far, and the total."""
        return {**self.seconds, "total": round(time.perf_counter() - self._started, 4)}


@contextmanager
def observed(candidates: int, clock: RequestClock | None = None) -> Iterator[RequestClock]:
    """Follow a request for so many covers to its end, however it ends; with a clock of its own unless given.

    What is logged has numbers only: neither lyrics nor prompts.
    """
    clock = clock or RequestClock()
    clock.delivered = candidates
    _count(+1)
    outcome = "failed"
    try:
        with tracing.request_span("covers", candidates=candidates):
            yield clock
        outcome = "done"
        metrics.IMAGES.add(clock.delivered)
        metrics.REQUEST_SECONDS.observe(clock.timings()["total"])
    except BaseException as error:
        outcome = outcome_of(error)
        raise
    finally:
        _count(-1)
        metrics.REQUESTS.add(outcome=outcome)
        seconds_by_stage = " ".join(
            f"{name}={seconds}" for name, seconds in clock.timings().items()
        )
        _log.info("covers %s candidates=%d %s", outcome, candidates, seconds_by_stage)


def outcome_of(error: BaseException) -> str:
    """How a request that raised ended, in a word for metrics: "cancelled", "stage_timeout", ..."""
    if isinstance(error, asyncio.CancelledError):
        return "cancelled"
    if isinstance(error, CoverError):
        known = next(c for c in type(error).__mro__ if c.__module__ == CoverError.__module__)
        return re.sub(r"(?<!^)(?=[A-Z])", "_", known.__name__).lower()
    return "failed"


def _count(change: int) -> None:
    """Keep the number of requests under way; only the event loop's thread calls this."""
    global _under_way
    _under_way += change
    metrics.IN_PROGRESS.set(_under_way)
