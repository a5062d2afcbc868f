"""How much of a single request's time is HTTP's and Ray's, and not the stages' own.

HTTP's is what the client waits beyond the stages on the critical path. Ray's is what a call of a stage takes
beyond the stage's own work and the wait for a slot: both sides are counted in seconds by the service's metrics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from loadtests.load.run import Outcome
from loadtests.service.metrics import Sample

WORKERS = {
    "clean": "preprocess",
    "prompt": "preprocess",
    "summarize": "summarizer",
    "translate": "translator",
    "sentiment": "sentiment",
    "generate": "generator",
    "rerank": "reranker",
}


@dataclass(frozen=True)
class Overhead:
    """Mean seconds of one request, and where they went.

    Attributes:
        wall: as the client saw it.
        http: outside the stages: HTTP, validation, JSON, the proxy.
        ray: calling stages: messages, batches that wait for company, scheduling.
    """

    requests: int
    wall: float
    http: float
    ray: float

    @property
    def share(self) -> float:
        """Of the request's time that is not the stages' own work."""
        return (self.http + self.ray) / self.wall

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        rounded = {name: round(value, 4) for name, value in asdict(self).items()}
        return {**rounded, "share": round(self.share, 4)}


def critical_stages(timings: Mapping[str, float]) -> list[str]:
    """The stages that the answer waited for: of those side by side, the longer side."""
    words = ["summarize", "translate"]
    if timings["sentiment"] > sum(timings[name] for name in words):
        words = ["sentiment"]
    last = "rerank" if timings["rerank"] > timings["label"] else "label"
    return ["clean", *words, "prompt", "generate", last, "store"]


def measure_overhead(
    outcomes: Sequence[Outcome], before: Sample | None, after: Sample | None
) -> Overhead | None:
    """The overhead of requests that came one after the other; None without requests or metrics."""
    done = [outcome for outcome in outcomes if outcome.answer.timings]
    if not done or before is None or after is None:
        return None
    names = done[0].answer.timings
    timings = {name: fmean(o.answer.timings[name] for o in done) for name in names}
    wall = fmean(outcome.latency for outcome in done)
    critical = critical_stages(timings)
    http = wall - fmean(
        sum(o.answer.timings[name] for name in critical_stages(o.answer.timings)) for o in done
    )

    def grown(name: str, kind: str = "") -> float:
        return after.get((name, kind), 0.0) - before.get((name, kind), 0.0)

    called = [name for name in critical if name in WORKERS]
    seconds = sum(grown("stage_seconds", name) for name in called)
    work = sum(grown("work_seconds", worker) for worker in {WORKERS[name] for name in called})
    ray = (seconds - work - grown("queue_seconds")) / len(done)
    return Overhead(len(done), wall, http, ray)
