"""Latencies: their percentiles, and the objective that a visitor is promised (goodput)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loadtests.load.run import Outcome
from loadtests.service.exchange import Kind

REPORTED: Mapping[str, float] = {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "max": 100}


def percentile(values: Iterable[float], percent: float) -> float:
    """The value below which `percent` of 100 lie, linear between neighbours.

    Raises:
        ValueError: no values, or a percentage outside 0..100.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values, no percentile")
    if not 0 <= percent <= 100:
        raise ValueError(f"a percentile is 0 to 100, not {percent}")
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def summarise(values: Iterable[float]) -> dict[str, float] | None:
    """Mean and the reported percentiles; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    figures = {"mean": sum(ordered) / len(ordered)}
    figures |= {name: percentile(ordered, percent) for name, percent in REPORTED.items()}
    return {name: round(value, 4) for name, value in figures.items()}


@dataclass(frozen=True)
class Objective:
    """A service level.

    Attributes:
        done: seconds from the due time to the complete cover set, at most.
        share: of all requests that must keep it, 0..1; refused and failed ones do not.
    """

    done: float = 3.0
    share: float = 0.95

    def met_by(self, outcome: Outcome) -> bool:
        """Whether one request met it."""
        return outcome.answer.kind is Kind.DONE and outcome.latency <= self.done

    def good(self, outcomes: Sequence[Outcome]) -> int:
        """How many requests met it."""
        return sum(map(self.met_by, outcomes))

    def share_of(self, outcomes: Sequence[Outcome]) -> float | None:
        """Share of requests that met it, leaving out those the test itself cut short; None: no request."""
        ended = [o for o in outcomes if o.answer.kind is not Kind.UNFINISHED]
        return self.good(ended) / len(ended) if ended else None

    def holds(self, outcomes: Sequence[Outcome]) -> bool:
        """Whether enough requests met it."""
        share = self.share_of(outcomes)
        return share is not None and share >= self.share
