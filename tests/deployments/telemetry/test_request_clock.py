"""What the clock of a request records in metrics and log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from deployments.contract import errors
from deployments.contract.covers import CoverRequest
from deployments.pipeline.pipeline import Pipeline
from deployments.telemetry import metrics
from deployments.telemetry.request_clock import observed, outcome_of

Song = Callable[..., dict[str, Any]]
Records = list[tuple[str, float, dict[str, str]]]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Records:
    """Every record: the metric's name, the amount, the tags."""
    records: Records = []

    def record(self: metrics.Metric, amount: float = 1.0, **tags: str) -> None:
        records.append((self.name, amount, tags))

    for kind, method in (("Counter", "add"), ("Histogram", "observe"), ("Gauge", "set")):
        monkeypatch.setattr(getattr(metrics, kind), method, record)
    return records


def of(recorded: Records, name: str) -> list[tuple[float, dict[str, str]]]:
    return [(amount, tags) for metric, amount, tags in recorded if metric == name]


def test_every_stage_is_recorded_once(pipeline: Pipeline, song: Song, recorded: Records) -> None:
    made = asyncio.run(pipeline.make(CoverRequest.model_validate(song(candidates=5))))
    stages = {tags["stage"] for _, tags in of(recorded, "stage_seconds")}
    assert stages == set(made.timings) - {"queue", "total"}
    assert len(of(recorded, "stage_duration_seconds")) == len(stages)
    assert of(recorded, "requests") == [(1.0, {"outcome": "done"})]
    assert of(recorded, "images") == [(5, {})]
    assert sorted(score for score, _ in of(recorded, "clip_score")) == pytest.approx(
        sorted(cover.score for cover in made.covers)
    )
    assert [amount for amount, _ in of(recorded, "requests_in_progress")] == [1, 0]


def test_errors_have_names(pipeline: Pipeline, song: Song, recorded: Records) -> None:
    with pytest.raises(errors.NothingToDraw):
        asyncio.run(pipeline.make(CoverRequest.model_validate(song(lyrics="!!!"))))
    assert of(recorded, "requests") == [(1.0, {"outcome": "nothing_to_draw"})]
    assert of(recorded, "images") == []


def test_retries_are_counted(pipeline: Pipeline, song: Song, recorded: Records) -> None:
    from ray.exceptions import ActorDiedError

    asyncio.run(pipeline.calls.models())
    pipeline.calls.stages.reranker.target.failures = [ActorDiedError()]
    asyncio.run(pipeline.make(CoverRequest.model_validate(song())))
    assert of(recorded, "retries") == [(1.0, {"stage": "reranker"})]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (asyncio.CancelledError(), "cancelled"),
        (errors.StageTimeout("x"), "stage_timeout"),
        (type("RayTaskError(Overloaded)", (errors.Overloaded,), {})("x", 5), "overloaded"),
        (KeyError("x"), "failed"),
    ],
)
def test_outcomes(error: BaseException, outcome: str, recorded: Records) -> None:
    assert outcome_of(error) == outcome
    with pytest.raises(type(error)), observed(12):
        raise error
    assert of(recorded, "requests") == [(1.0, {"outcome": outcome})]
    assert [amount for amount, _ in of(recorded, "requests_in_progress")] == [1, 0]


def test_the_log_has_numbers_only(
    pipeline: Pipeline, song: Song, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "ray.serve"):
        made = asyncio.run(pipeline.make(CoverRequest.model_validate(song())))
    (line,) = [record.getMessage() for record in caplog.records if "covers" in record.getMessage()]
    assert "done candidates=12" in line
    assert "generate=" in line
    for private in (made.prompt, made.summary, "balloon", made.translation):
        assert private not in line
