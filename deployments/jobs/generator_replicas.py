"""How many replicas of the Generator run, as an ingress whose Generator scales sees it."""

from __future__ import annotations

import time
from collections.abc import Callable

from ray import serve

MEMORY = 0.5  # of the seconds known that a new start leaves


class GeneratorReplicas:
    """Replicas that run, and how long the first takes when there is none.

    Args:
        clock: seconds that only grow.

    Attributes:
        running: 1 until somebody looks, as of a Generator that does not scale.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.running = 1
        self._clock = clock
        self._awaited_since: float | None = None
        self._start_seconds: float | None = None

    @property
    def asleep(self) -> bool:
        """Whether there is none now."""
        return self.running == 0

    def note(self, running: int, wanted: bool) -> None:
        """Take in how many run, and whether there is anything to draw; learn from a start that was awaited."""
        now = self._clock()
        if running and self._awaited_since is not None:
            took, known = now - self._awaited_since, self._start_seconds
            self._start_seconds = took if known is None else MEMORY * known + (1 - MEMORY) * took
        if running or not wanted:
            self._awaited_since = None
        elif self._awaited_since is None:
            self._awaited_since = now
        self.running = running

    def delay(self, guess: float) -> float:
        """Seconds until there is one.

        Args:
            guess: of a start, until one was seen.
        """
        if self.running:
            return 0.0
        whole = guess if self._start_seconds is None else self._start_seconds
        waited = 0.0 if self._awaited_since is None else self._clock() - self._awaited_since
        return max(0.0, whole - waited)


def count_running(deployment: str) -> int:
    """Replicas of a deployment of this application that run, as Serve's controller says."""
    name = serve.get_replica_context().app_name
    states = serve.status().applications[name].deployments[deployment].replica_states
    return sum(n for state, n in states.items() if state == "RUNNING")
