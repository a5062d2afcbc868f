"""One exchange with the service: the request, and covers, a refusal or a failure as its answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

MAX_DETAIL = 200


@dataclass(frozen=True)
class Request:
    """The body of one `POST /v1/covers`."""

    lyrics: str
    candidates: int
    seed: int

    def body(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Kind(StrEnum):
    """How a request ended."""

    DONE = "done"
    REFUSED = "refused"  # 429 or 503: the service protects itself
    STATUS = "status"  # another status than 200
    MALFORMED = "malformed"  # 200, but not the covers that were asked for
    CONNECT = "connect"  # no connection, or none in time
    CUT = "cut"  # the connection ended before the answer did
    TIMEOUT = "timeout"
    UNFINISHED = "unfinished"  # the test was stopped first


@dataclass(frozen=True)
class Answer:
    """How one request ended, and what came with it.

    Attributes:
        waited: seconds it waited for one of the client's connections.
        retry_after: seconds after which the service wants to be asked again.
        timings: seconds of each stage.
        firsts: seconds from asking to the first event of a kind, by name.
        images: covers received.
        request_id: the service's name for the request, to find it in the log.
        prompt: what was drawn.
    """

    kind: Kind
    status: int | None = None
    detail: str = ""
    waited: float = 0.0
    retry_after: float | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    firsts: Mapping[str, float] = field(default_factory=dict)
    images: int = 0
    request_id: str = ""
    prompt: str = ""

    @property
    def failed(self) -> bool:
        """Whether the service failed: it neither answered nor refused, though given the time."""
        return self.kind not in (Kind.DONE, Kind.REFUSED, Kind.UNFINISHED)

    @property
    def label(self) -> str:
        """What to count it under: the kind, and the status where that tells more."""
        return str(self.status) if self.kind in (Kind.REFUSED, Kind.STATUS) else str(self.kind)


def read_covers(body: Any, request: Request, request_id: str = "") -> Answer:
    """Sort a complete answer to `request`."""
    try:
        timings = _read_covers(body, request)
    except ValueError as error:
        return Answer(Kind.MALFORMED, 200, str(error)[:MAX_DETAIL], request_id=request_id)
    return Answer(
        Kind.DONE,
        200,
        timings=timings,
        images=request.candidates,
        request_id=request_id,
        prompt=str(body.get("prompt") or ""),
    )


def _read_covers(body: Any, request: Request) -> dict[str, float]:
    """The timings of a cover set.

    Raises:
        ValueError: it is not the set that was asked for.
    """
    if not isinstance(body, dict) or body.get("status") != "done":
        raise ValueError("the answer is not a finished cover set")
    covers = body.get("covers")
    if not isinstance(covers, list) or not all(isinstance(cover, dict) for cover in covers):
        raise ValueError("covers is not a list of objects")
    ranks = [cover.get("rank") for cover in covers]
    if ranks != list(range(1, request.candidates + 1)):
        raise ValueError(f"asked for ranks 1 to {request.candidates}, got {ranks}")
    timings = body.get("timings")
    if not isinstance(timings, dict) or not all(
        isinstance(seconds, int | float) and math.isfinite(seconds) for seconds in timings.values()
    ):
        raise ValueError("timings is not an object of numbers")
    return {str(stage): float(seconds) for stage, seconds in timings.items()}
