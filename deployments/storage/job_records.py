"""A job from its acceptance to its end, as workers and the book of jobs speak of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deployments.contract.covers import CoverRequest, CoverSet
from deployments.contract.problems import Problem

STRIDE = 1_000_000  # event numbers of one attempt; the next attempt's are greater
LAST = STRIDE - 1  # of an attempt: the event that ends its stream
ATTEMPTS = 3
UNFINISHED = ("queued", "running")


@dataclass(frozen=True)
class Assignment:
    """A job that a worker has to do."""

    number: int
    id: str
    attempt: int
    order: CoverRequest
    kept: bool
    told: bool


@dataclass(frozen=True)
class Accepted:
    """A job that is in the book; `assignment` if its acceptor is to do it at once."""

    id: str
    new: bool
    assignment: Assignment | None = None


@dataclass(frozen=True)
class Glance:
    """What changes about a job; `event` is the number of the last one told.

    A `position` of None is of no interest to who saw the rest.
    """

    status: str
    attempt: int
    position: int | None
    event: int = 0

    def news_to(self, seen: Glance) -> bool:
        """Whether there is anything that was not seen."""
        if seen.position not in (None, self.position) or self.event > seen.event:
            return True
        return (self.status, self.attempt) != (seen.status, seen.attempt)


@dataclass(frozen=True)
class Standing:
    """A job as it stands in the book.

    Attributes:
        position: place in line, 1 is the next; 0 once it was begun.
        ahead: candidates to be drawn before it is done, its own included.
        entries: events that were asked for.
    """

    id: str
    status: str
    created_at: datetime
    attempt: int
    kept: bool
    position: int
    ahead: int
    stage: str | None
    timings: Mapping[str, float]
    answer: CoverSet | None
    problem: Problem | None
    entries: Sequence[Entry] = ()

    def glance(self, event: int, *, line: bool = True) -> Glance:
        """This, seen by somebody who knows of the events up to a number, and may care for the place in line."""
        return Glance(self.status, self.attempt, self.position if line else None, event)

    @property
    def final(self) -> bool:
        """Whether nothing more is going to happen to it."""
        return self.status not in UNFINISHED


@dataclass(frozen=True)
class Ending:
    """How a job ended: "done" with its answer, or "failed" or "cancelled" with a problem."""

    status: str
    answer: CoverSet | None = None
    problem: Problem | None = None

    @property
    def event(self) -> tuple[str, str]:
        """Name and data of the event that ends a stream; pictures stay out of it."""
        if self.answer is not None:
            return "done", self.answer.model_dump_json(
                exclude={"covers": {"__all__": {"b64_json"}}}
            )
        assert self.problem is not None
        return "error", self.problem.model_dump_json()


def digest_of(order: CoverRequest) -> str:
    """SHA-256 of a request as the client sent it."""
    said = json.dumps(order.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """One event: its number, greater than those before it, its name, and its data as one line of JSON."""

    number: int
    name: str
    data: str
