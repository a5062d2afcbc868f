"""What one offered load came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from loadtests.load.loads import Load
from loadtests.load.run import Outcome
from loadtests.load.warmup import WarmUp
from loadtests.report.latency import Objective, summarise
from loadtests.service.exchange import Kind
from loadtests.service.machine import ProcessMemory
from loadtests.service.metrics import EngineFigures

FIRSTS = ("first_preview", "first_cover")


@dataclass(frozen=True)
class Measured:
    """One load and all its requests.

    Attributes:
        span: seconds in which requests were sent.
        engine: from the service's metrics; None if it has none.
        interrupted: whether it was stopped before its time.
    """

    load: Load
    objective: Objective
    outcomes: Sequence[Outcome]
    span: float
    warm_up: WarmUp
    memory: Sequence[ProcessMemory] = ()
    engine: EngineFigures | None = None
    interrupted: bool = False

    @cached_property
    def done(self) -> list[Outcome]:
        """Requests that got their covers."""
        return [o for o in self.outcomes if o.answer.kind is Kind.DONE]

    @cached_property
    def refused(self) -> list[Outcome]:
        """Requests that the service turned away."""
        return [o for o in self.outcomes if o.answer.kind is Kind.REFUSED]

    @cached_property
    def failed(self) -> list[Outcome]:
        """Requests that the service failed."""
        return [o for o in self.outcomes if o.answer.failed]

    @property
    def unfinished(self) -> int:
        """Requests that the end of the test cut short."""
        return sum(o.answer.kind is Kind.UNFINISHED for o in self.outcomes)

    @cached_property
    def seconds(self) -> float:
        """What rates are taken over: the span, and on to the last cover set if that came later."""
        return max([self.span, *(o.finished for o in self.done)])

    @property
    def requests_per_second(self) -> float:
        """Cover sets a second."""
        return len(self.done) / self.seconds if self.seconds else 0.0

    @property
    def images_per_second(self) -> float:
        """Covers a second."""
        return sum(o.answer.images for o in self.done) / self.seconds if self.seconds else 0.0

    @property
    def goodput(self) -> float:
        """Cover sets within the objective, a second."""
        return self.objective.good(self.outcomes) / self.seconds if self.seconds else 0.0

    @property
    def share(self) -> float | None:
        """Share of requests within the objective; None without requests."""
        return self.objective.share_of(self.outcomes)

    @cached_property
    def latency(self) -> dict[str, float] | None:
        """Mean and percentiles of the seconds from due to done; None if nothing was."""
        return summarise(o.latency for o in self.done)

    @cached_property
    def stages(self) -> dict[str, dict[str, float]]:
        """The same of each stage's seconds, as the service timed them."""
        names = dict.fromkeys(name for o in self.done for name in o.answer.timings)
        seconds = {
            name: [o.answer.timings[name] for o in self.done if name in o.answer.timings]
            for name in names
        }
        return {name: summary for name, values in seconds.items() if (summary := summarise(values))}

    @cached_property
    def firsts(self) -> dict[str, dict[str, float]]:
        """The same of the seconds to the first preview and the first cover, where streams were read."""
        names = dict.fromkeys(name for o in self.done for name in o.firsts)
        seconds = {name: [o.firsts[name] for o in self.done if name in o.firsts] for name in names}
        return {name: summary for name, values in seconds.items() if (summary := summarise(values))}

    @property
    def lag(self) -> float:
        """Most seconds by which the load generator itself started a request late."""
        return max((o.started - o.due for o in self.outcomes), default=0.0)

    @property
    def queued(self) -> int:
        """Requests that waited a millisecond or longer for one of the client's connections."""
        return sum(o.answer.waited >= 0.001 for o in self.outcomes)

    def refusals(self) -> dict[str, dict[str, Any]]:
        """By status: how many, and the Retry-After they named."""
        by_status = {}
        for status in sorted({o.answer.label for o in self.refused}):
            waits = [o.answer.retry_after for o in self.refused if o.answer.label == status]
            named = [wait for wait in waits if wait is not None]
            by_status[status] = {
                "count": len(waits),
                "without_retry_after": len(waits) - len(named),
                "retry_after": [min(named), max(named)] if named else None,
            }
        return by_status

    def failures(self) -> dict[str, int]:
        """Count by kind."""
        return dict(Counter(o.answer.label for o in self.failed).most_common())

    def as_dict(self) -> dict[str, Any]:
        """For JSON, every request included."""
        return {
            **self.load.describe(),
            "name": self.load.name,
            "interrupted": self.interrupted,
            "seconds": round(self.seconds, 4),
            "offered": len(self.outcomes),
            "completed": len(self.done),
            "refused": self.refusals(),
            "failed": self.failures(),
            "unfinished": self.unfinished,
            "requests_per_second": round(self.requests_per_second, 4),
            "images_per_second": round(self.images_per_second, 4),
            "goodput": round(self.goodput, 4),
            "share_within_objective": None if self.share is None else round(self.share, 4),
            "latency": self.latency,
            **{name: self.firsts.get(name) for name in FIRSTS},
            "stages": self.stages,
            "engine": self.engine.as_dict() if self.engine else None,
            "memory": [process.as_dict() for process in self.memory],
            "client": {"largest_lag": round(self.lag, 4), "waited_for_connection": self.queued},
            "warm_up": self.warm_up.as_dict(),
            "requests": [o.as_dict() for o in sorted(self.outcomes, key=lambda o: o.due)],
        }
