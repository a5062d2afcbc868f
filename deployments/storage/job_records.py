"""A job from its acceptance to its outcome: what the job queue takes and gives."""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from deployments.contract.covers import CoverRequest, CoverSet
from deployments.contract.events import DONE, FAILED
from deployments.contract.problems import Problem

STRIDE = 1_000_000  # event numbers of one attempt; the next attempt's are greater
LAST = STRIDE - 1  # of an attempt: the event that ends its stream
ATTEMPTS = 3
UNFINISHED = ("queued", "running")


@dataclass(frozen=True)
class EventRecord:
    """One event: its number, greater than those before it, its name, and its data as one line of JSON."""

    number: int
    name: str
    data: str


class Mode(Enum):
    """How the client gets the answer."""

    WAIT = "wait"
    """It waits for the whole answer; the job goes with its connection."""
    FOLLOW = "follow"
    """It listens to the event stream, and may come back to it."""
    LATER = "later"
    """It comes back for the answer: the job may wait in line for longer than a connected client would."""


@dataclass(frozen=True)
class NewJob:
    """A request on its way into the job queue.

    Attributes:
        request: what is asked for; the seed is there, so that a repetition draws the same.
        digest: SHA-256 of the request as the client sent it, to tell whether a key comes with another one.
        client: name of the access key it came with; "" without one.
        key: the client's idempotency key: sent again with the same digest, it gives the same job.
    """

    request: CoverRequest
    digest: str
    mode: Mode = Mode.WAIT
    client: str = ""
    key: str | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def durable(self) -> bool:
        """Whether it is finished whatever becomes of its connection and of the process that runs it."""
        return self.mode is not Mode.WAIT or self.key is not None

    @property
    def followed(self) -> bool:
        """Whether somebody may listen, so that its events are written down."""
        return self.mode is not Mode.WAIT


@dataclass(frozen=True)
class Capacity:
    """What an ingress can take now.

    Attributes:
        room: candidates it can begin to draw at once.
        waiting: jobs that may wait.
        ahead: candidates that may wait before the new job's.
    """

    room: int
    waiting: int
    ahead: float = math.inf


@dataclass(frozen=True)
class ClaimedJob:
    """A job that this ingress holds under its lease."""

    number: int
    id: str
    attempt: int
    request: CoverRequest
    durable: bool
    followed: bool


@dataclass(frozen=True)
class Accepted:
    """A job that is in the queue; `claimed` if the ingress that accepted it runs it at once."""

    id: str
    new: bool
    claimed: ClaimedJob | None = None


@dataclass(frozen=True)
class JobVersion:
    """What changes about a job; `event` is the number of the last one written.

    A `position` of None is of no interest to who saw the rest.
    """

    status: str
    attempt: int
    position: int | None
    event: int = 0

    def news_to(self, known: JobVersion) -> bool:
        """Whether there is anything new to who knows the version `known`."""
        if known.position not in (None, self.position) or self.event > known.event:
            return True
        return (self.status, self.attempt) != (known.status, known.attempt)


@dataclass(frozen=True)
class JobState:
    """A job as it stands in the queue.

    Attributes:
        position: place in line, 1 is the next; 0 once it was begun.
        ahead: candidates to be drawn before it is done, its own included.
        events: those that were asked for.
    """

    id: str
    status: str
    created_at: datetime
    attempt: int
    durable: bool
    position: int
    ahead: int
    stage: str | None
    timings: Mapping[str, float]
    answer: CoverSet | None
    problem: Problem | None
    events: Sequence[EventRecord] = ()

    def version(self, event: int, *, line: bool = True) -> JobVersion:
        """This, seen by somebody who knows of the events up to a number, and may care for the place in line."""
        return JobVersion(self.status, self.attempt, self.position if line else None, event)

    @property
    def final(self) -> bool:
        """Whether nothing more is going to happen to it."""
        return self.status not in UNFINISHED


@dataclass(frozen=True)
class JobOutcome:
    """How a job ended: "done" with its answer, or "failed" or "cancelled" with a problem."""

    status: str
    answer: CoverSet | None = None
    problem: Problem | None = None

    @property
    def event(self) -> tuple[str, str]:
        """Name and data of the event that ends a stream; pictures stay out of it."""
        if self.answer is not None:
            return DONE, self.answer.model_dump_json(exclude={"covers": {"__all__": {"b64_json"}}})
        assert self.problem is not None
        return FAILED, self.problem.model_dump_json()


def digest_of(request: CoverRequest) -> str:
    """SHA-256 of a request as the client sent it."""
    canonical = json.dumps(request.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
