"""Requests that wait for slots, and who gets the next one."""

from __future__ import annotations

from collections import deque

from songdalle_core.imagegen.engine.requests import Job


class WaitingJobs:
    """Jobs with candidates that have no slot yet. The engine's lock guards it."""

    def __init__(self) -> None:
        self._newcomers: deque[Job] = deque()  # no candidate of theirs has a slot yet
        self._begun: deque[Job] = deque()

    def put(self, job: Job) -> None:
        """Queue a job."""
        self._newcomers.append(job)

    def next_job(self, *, newcomers: bool = True) -> Job | None:
        """Whose candidate gets a free slot: newcomers first, then first come, first served.

        So every newcomer has something to show soon and a request for one cover is not stuck behind one for
        24, and yet sets are finished one after the other, which keeps the mean time to a set low. Before either
        goes the rest of a candidate some of whose layers have slots: alone they show nothing.

        Args:
            newcomers: whether one may be admitted now; their texts have yet to be read.
        """
        self._forget_cancelled()
        torn = next((job for job in self._begun if job.torn), None)
        if torn is not None:
            return torn
        if newcomers and self._newcomers:
            self._begun.append(self._newcomers.popleft())
            return self._begun[-1]
        while self._begun and not self._begun[0].waiting:
            self._begun.popleft()
        return self._begun[0] if self._begun else None

    def drain(self) -> list[Job]:
        """Every job; none waits any more."""
        jobs = [*self._begun, *self._newcomers]
        self._begun.clear()
        self._newcomers.clear()
        return jobs

    @property
    def candidates(self) -> int:
        """How many wait."""
        return sum(job.waiting for queue in (self._newcomers, self._begun) for job in queue)

    def _forget_cancelled(self) -> None:
        while self._newcomers and self._newcomers[0].cancelled.is_set():
            self._newcomers.popleft()
