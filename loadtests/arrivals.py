"""When requests are due in an open loop."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from enum import StrEnum


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
