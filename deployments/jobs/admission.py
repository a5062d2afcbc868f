"""Admission: how many candidates an ingress begins to draw, and how long a request in line will take."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deployments.config.user_config import JobTunables
from deployments.contract.covers import MAX_CANDIDATES
from deployments.contract.errors import LineFull, Overloaded
from deployments.jobs.generator_replicas import GeneratorReplicas
from deployments.storage.job_records import Capacity, Mode

FIRST_GUESS = 0.1  # seconds a candidate, until something was measured
MEMORY = 0.8  # of the mean that a new measurement leaves

LONGEST_MOMENT = 1.0
SHARE_OF_WAIT = 0.1
"""Of the time that a connected client may wait: a full line does not run empty in so little of it."""


class DrawingRate:
    """Seconds the service takes for one candidate when it is busy, as a moving mean."""

    def __init__(self) -> None:
        self.seconds = FIRST_GUESS
        self._measured = False

    def learn(self, seconds: float, candidates: int) -> None:
        """Take in that a request took `seconds` while `candidates` were wanted, its own among them."""
        latest = seconds / max(1, candidates)
        self.seconds = MEMORY * self.seconds + (1 - MEMORY) * latest if self._measured else latest
        self._measured = True

    def estimate(self, candidates: int) -> float:
        """Seconds until `candidates` are drawn, one's own and those before them."""
        return round(self.seconds * candidates, 1)


class Admission:
    """What an ingress can take, by the candidates of its jobs and the recent drawing rate.

    Args:
        candidates: of the jobs that this ingress runs.
    """

    def __init__(self, candidates: Callable[[], int]) -> None:
        self.rate = DrawingRate()
        self.generators = GeneratorReplicas()
        self._candidates = candidates
        self._promised = 0  # candidates of requests that are being written into the queue

    def room(self, tunables: JobTunables) -> int:
        """Candidates that may be begun now; any job's when there are none."""
        busy = self._promised + self._candidates()
        drawing = tunables.drawing * max(1, self.generators.running)
        return drawing - busy if busy else max(drawing, MAX_CANDIDATES)

    def estimate(self, candidates: int, tunables: JobTunables) -> float:
        """Seconds until `candidates` are drawn, with the start of a Generator that sleeps."""
        start = self.generators.delay(tunables.scaling.start_s) if tunables.scaling else 0.0
        return round(self.rate.estimate(candidates) + start, 1)

    def capacity(self, mode: Mode, tunables: JobTunables) -> Capacity:
        """What a new job of this mode may meet in line.

        A connected client waits for `wait_s` at most. Each ingress claims at its own rate, so with several this
        is on the safe side.
        """
        ahead = math.inf
        if mode is not Mode.LATER:
            ahead = tunables.wait_s / self.rate.seconds - self._candidates()
        return Capacity(self.room(tunables), tunables.waiting, ahead)

    @contextmanager
    def promised(self, candidates: int, tunables: JobTunables) -> Iterator[None]:
        """Count candidates whose job is being written.

        Raises:
            LineFull: the queue refused the job.
        """
        self._promised += candidates
        try:
            yield
        except Overloaded as full:
            wait = self.rate.estimate(tunables.drawing)
            moment = min(LONGEST_MOMENT, SHARE_OF_WAIT * tunables.wait_s)
            raise LineFull(str(full), max(1, round(wait)), moment) from None
        finally:
            self._promised -= candidates
