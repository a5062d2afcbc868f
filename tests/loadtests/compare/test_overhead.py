from __future__ import annotations

import pytest

from loadtests.compare.overhead import WORKERS, critical_stages, measure_overhead
from loadtests.load.run import Outcome
from loadtests.service.exchange import Answer, Kind

TIMINGS = {
    "clean": 0.01, "sentiment": 0.02, "summarize": 0.03, "translate": 0.04, "prompt": 0.05,
    "generate": 0.5, "queue": 0.1, "rerank": 0.06, "label": 0.2, "store": 0.03, "total": 0.9,
}  # fmt: skip


def outcome(latency: float) -> Outcome:
    return Outcome(0.0, 0.0, latency, 12, Answer(Kind.DONE, 200, timings=TIMINGS, images=12))


def test_of_stages_side_by_side_the_longer_counts() -> None:
    assert critical_stages(TIMINGS) == [
        "clean", "summarize", "translate", "prompt", "generate", "label", "store",
    ]  # fmt: skip
    assert critical_stages({**TIMINGS, "sentiment": 1, "rerank": 1}) == [
        "clean", "sentiment", "prompt", "generate", "rerank", "store",
    ]  # fmt: skip


def test_what_is_left_is_https_and_rays() -> None:
    """Two requests; each call of a stage on the critical path took 2 ms more than its work."""
    before = {("stage_seconds", name): 5.0 for name in WORKERS}
    before |= {("work_seconds", worker): 5.0 for worker in WORKERS.values()}
    after = dict(before)
    for name, worker in WORKERS.items():
        after["stage_seconds", name] += 2 * TIMINGS[name]
        waited = TIMINGS["queue"] if name == "generate" else 0.0
        after["work_seconds", worker] += 2 * (TIMINGS[name] - 0.002 - waited)
    after["queue_seconds", ""] = 2 * TIMINGS["queue"]
    overhead = measure_overhead([outcome(0.90), outcome(0.92)], before, after)
    assert overhead is not None
    assert overhead.wall == pytest.approx(0.91)
    assert overhead.http == pytest.approx(0.91 - 0.86)
    assert overhead.ray == pytest.approx(5 * 0.002)
    assert overhead.share == pytest.approx(0.06 / 0.91)
    assert overhead.as_dict()["requests"] == 2


def test_without_answers_or_metrics_there_is_nothing_to_say() -> None:
    failed = Outcome(0.0, 0.0, 1.0, 12, Answer(Kind.STATUS, 500))
    assert measure_overhead([failed], {}, {}) is None
    assert measure_overhead([outcome(1.0)], None, {}) is None
