"""The two kinds of load: an open loop that never waits for the service, and a closed loop of users."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from loadtests.load.run import Run
from loadtests.service.exchange import Request

MAX_REQUESTS = 50_000
REFUSED_PAUSE = 1.0


class Arrivals(StrEnum):
    """How visitors come: as strangers do, or like clockwork."""

    POISSON = "poisson"
    CONSTANT = "constant"


def schedule(arrivals: Arrivals, rate: float, duration: float, seed: int) -> list[float]:
    """Seconds from the start at which a request is due, all below `duration`.

    A Poisson process has exponential gaps. The same seed draws the same gaps at any rate, only closer
    together, so that a comparison of rates does not hang on which of them was luckier.

    Args:
        rate: requests a second.
        duration: seconds.
    """
    gaps = _exponential(seed) if arrivals is Arrivals.POISSON else itertools.repeat(1.0)
    # The first of a constant stream is due at once: a stream of 2/s over 3 s has six.
    first = 0.0 if arrivals is Arrivals.POISSON else -1.0
    times = itertools.accumulate(gaps, initial=first)
    next(times)
    return list(itertools.takewhile(lambda due: due < duration, (time / rate for time in times)))


def _exponential(seed: int) -> Iterator[float]:
    rng = random.Random(f"arrivals {seed}")
    while True:
        yield rng.expovariate(1.0)


class Load(Protocol):
    """An offered load."""

    @property
    def name(self) -> str:
        """For tables."""

    @property
    def duration(self) -> float:
        """Seconds in which requests are sent."""

    def describe(self) -> dict[str, Any]:
        """For JSON."""

    async def drive(self, run: Run, requests: Iterator[Request]) -> None:
        """Send requests until the duration, the iterator or the run's patience ends; await answers."""


@dataclass(frozen=True)
class OpenLoad:
    """Requests at their own times, however slow the answers.

    Attributes:
        rate: requests a second.
        duration: seconds.
        seed: of the arrival times.
    """

    rate: float
    duration: float
    arrivals: Arrivals
    seed: int

    @property
    def name(self) -> str:
        """For tables."""
        return f"{self.arrivals} {self.rate:.3g}/s"

    def describe(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "loop": "open",
            "arrivals": str(self.arrivals),
            "rate": self.rate,
            "duration": self.duration,
        }

    async def drive(self, run: Run, requests: Iterator[Request]) -> None:
        """Send each request when it is due; then wait for the answers."""
        times = schedule(self.arrivals, self.rate, self.duration, self.seed)
        tasks = []
        for due, request in itertools.islice(zip(times, requests, strict=False), MAX_REQUESTS):
            if await run.stopped_before(due):
                break
            tasks.append(asyncio.create_task(run.ask(request, due)))
        await run.stopped_before(self.duration)
        run.close(self.duration)
        await run.finish(tasks)


@dataclass(frozen=True)
class ClosedLoad:
    """Users who each ask again as soon as they were answered.

    Attributes:
        users: how many.
        duration: seconds.
        pause: seconds a user stays away after a failure, or a refusal without Retry-After; without
            it a service that refuses at once would be asked thousands of times a second.
    """

    users: int
    duration: float
    pause: float = REFUSED_PAUSE

    @property
    def name(self) -> str:
        """For tables."""
        return f"{self.users} user{'s' if self.users > 1 else ''}"

    def describe(self) -> dict[str, Any]:
        """For JSON."""
        return {"loop": "closed", "users": self.users, "duration": self.duration}

    async def drive(self, run: Run, requests: Iterator[Request]) -> None:
        """Let all users begin at once; wait for their last answers."""
        shared = itertools.islice(requests, MAX_REQUESTS)
        users = [asyncio.create_task(self._user(run, shared)) for _ in range(self.users)]
        await run.finish(users)
        run.close(self.duration)

    async def _user(self, run: Run, requests: Iterator[Request]) -> None:
        while not run.stop.is_set() and run.now() < self.duration:
            request = next(requests, None)
            if request is None:
                return
            answer = await run.ask(request, due=run.now())
            if not answer.images:
                wait = self.pause if answer.retry_after is None else answer.retry_after
                if await run.stopped_before(min(run.now() + wait, self.duration)):
                    return
