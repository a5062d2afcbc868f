from __future__ import annotations

import pytest

from loadtests.load.loads import ClosedLoad
from loadtests.load.run import Outcome
from loadtests.load.warmup import WarmUp
from loadtests.report.latency import Objective
from loadtests.report.measured import Measured
from loadtests.service.exchange import Answer, Kind

OBJECTIVE = Objective(done=3.0, share=0.5)
DONE = Answer(Kind.DONE, 200, images=12, timings={"generate": 1.0})
REFUSED = Answer(Kind.REFUSED, 503, retry_after=5)
UNFINISHED = Answer(Kind.UNFINISHED)


def outcome(latency: float, answer: Answer = DONE, due: float = 1.0) -> Outcome:
    return Outcome(due, due, due + latency, 12, answer)


def measured(*outcomes: Outcome, span: float = 10.0) -> Measured:
    return Measured(ClosedLoad(2, 10), OBJECTIVE, outcomes, span, WarmUp())


def test_rates_and_goodput() -> None:
    figures = measured(
        outcome(1), outcome(3), outcome(3.5), outcome(0.1, REFUSED), outcome(2, UNFINISHED)
    )
    assert figures.seconds == 10
    assert figures.requests_per_second == pytest.approx(0.3)
    assert figures.images_per_second == pytest.approx(3.6)
    assert figures.goodput == pytest.approx(0.2)
    assert figures.share == pytest.approx(0.5)  # two of four: the unfinished one tells nothing
    assert OBJECTIVE.holds(figures.outcomes)
    assert not Objective(3.0, 0.6).holds(figures.outcomes)
    assert figures.latency is not None
    assert (figures.latency["p50"], figures.latency["max"]) == (3, 3.5)
    assert figures.stages["generate"]["p99"] == 1
    assert figures.unfinished == 1


def test_rates_last_until_the_last_set() -> None:
    late_failure = outcome(90, Answer(Kind.TIMEOUT))
    assert measured(outcome(1), outcome(19), late_failure).seconds == 20


def test_refusals_and_failures_are_counted_apart() -> None:
    figures = measured(
        outcome(1, REFUSED),
        outcome(1, Answer(Kind.REFUSED, 503, retry_after=2)),
        outcome(1, Answer(Kind.REFUSED, 429)),
        outcome(1, Answer(Kind.STATUS, 500)),
        outcome(1, Answer(Kind.STATUS, 500)),
        outcome(1, Answer(Kind.CUT)),
    )
    assert figures.refusals() == {
        "429": {"count": 1, "without_retry_after": 1, "retry_after": None},
        "503": {"count": 2, "without_retry_after": 0, "retry_after": [2, 5]},
    }
    assert figures.failures() == {"500": 2, "cut": 1}


def test_nothing_at_all() -> None:
    figures = measured(span=0)
    assert figures.share is None
    assert figures.latency is None
    assert figures.requests_per_second == figures.goodput == 0
    assert not OBJECTIVE.holds(figures.outcomes)
    assert figures.as_dict()["requests"] == []
