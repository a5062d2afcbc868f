"""The highest rate that a service sustains, by doubling and bisection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

TOLERANCE = 0.05


@dataclass
class SearchResult:
    """The rates that a search tried, and the highest that met the objective.

    Attributes:
        steps: rates tried, and whether each met the objective.
        rate: the highest that did, None if none did; requests a second.
        failing: the lowest that did not, None if all did.
    """

    steps: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def rate(self) -> float | None:
        """The highest rate that met the objective."""
        return max((rate for rate, met in self.steps if met), default=None)

    @property
    def failing(self) -> float | None:
        """The lowest rate that did not."""
        return min((rate for rate, met in self.steps if not met), default=None)

    def describe(self) -> str:
        """For people."""
        if self.rate is None:
            if self.failing is None:
                return "no rate was measured"
            return f"no rate met the objective, not even {self.failing:.3g} requests/s"
        sentence = f"highest rate that met the objective: {self.rate:.3g} requests/s"
        if self.failing is None:
            return f"{sentence}; no higher one was tried"
        return f"{sentence}; {self.failing:.3g} did not"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        steps = [{"rate": rate, "met": met} for rate, met in self.steps]
        return {"rate": self.rate, "failing": self.failing, "steps": steps}


async def find_highest_rate(
    meets: Callable[[float], Awaitable[bool | None]],
    *,
    start: float,
    lowest: float,
    highest: float,
    steps: int,
    tolerance: float = TOLERANCE,
) -> SearchResult:
    """Double (or halve) from `start` until the answer is enclosed, then bisect.

    Args:
        meets: measures a rate; None if it was stopped, which ends the search.
        lowest: no rate below it is tried, in requests a second; neither is one above `highest`.
        steps: rates tried at most.
        tolerance: gap between a met and an unmet rate at which to end, as a share of the latter.
    """
    result, rate = SearchResult(), min(start, highest)
    while len(result.steps) < steps:
        met = await meets(rate)
        if met is None:
            break
        result.steps.append((rate, met))
        following = _next(result, tolerance)
        following = min(max(following, lowest), highest)
        if following in (tried for tried, _ in result.steps):
            break
        rate = following
    return result


def _next(result: SearchResult, tolerance: float) -> float:
    """The rate to try next, or one that was tried if the search is over."""
    low, high = result.rate, result.failing
    if high is None:
        assert low is not None
        return 2 * low
    if low is None:
        return high / 2
    return low if high - low <= tolerance * high else (low + high) / 2
