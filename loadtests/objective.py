"""What a visitor is promised, and how many requests kept the promise (goodput)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.answers import Kind
from loadtests.run import Outcome


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
        """Whether one request kept it."""
        return outcome.answer.kind is Kind.DONE and outcome.latency <= self.done

    def good(self, outcomes: Sequence[Outcome]) -> int:
        """How many requests kept it."""
        return sum(map(self.met_by, outcomes))

    def share_of(self, outcomes: Sequence[Outcome]) -> float | None:
        """Share of requests that kept it, leaving out those the test itself cut short; None: no request."""
        ended = [o for o in outcomes if o.answer.kind is not Kind.UNFINISHED]
        return self.good(ended) / len(ended) if ended else None

    def holds(self, outcomes: Sequence[Outcome]) -> bool:
        """Whether enough requests kept it."""
        share = self.share_of(outcomes)
        return share is not None and share >= self.share
