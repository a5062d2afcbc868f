from __future__ import annotations

import asyncio

import pytest
from yarl import URL

from loadtests.service import metrics
from loadtests.service.metrics import EngineFigures, MetricsReader, left_of
from tests.loadtests.fake_service import FakeService


def page(application: str = "a", **values: float) -> str:
    """A page of counters and gauges of one application, and one series of another."""
    lines = [
        f'ray_songdalle_{name}{{application="{application}"}} {v}' for name, v in values.items()
    ]
    other = 'ray_songdalle_engine_steps_total{application="other"} 1000'
    stage = 'ray_songdalle_stage_seconds_total{application="a",stage="clean"} 2.5'
    bucket = 'ray_songdalle_queue_wait_seconds_bucket{application="a",le="1.0"} 7'
    return "\n".join([*lines, other, stage, bucket, "ray_tasks 9"]) + "\n"


def read(*pages: str, application: str | None = "a") -> metrics.Sample | None:
    with FakeService(metrics=pages) as service:
        return asyncio.run(MetricsReader(URL(service.url), application).read())


def test_sums_are_those_of_one_application() -> None:
    sample = read(page(engine_slots=24, engine_steps_total=10))
    assert sample == {
        ("engine_slots", ""): 24,
        ("engine_steps", ""): 10,
        ("stage_seconds", "clean"): 2.5,
    }
    everything = read(page(engine_steps_total=10), application=None)
    assert everything is not None
    assert everything["engine_steps", ""] == 1010


def test_a_service_without_metrics_has_no_figures() -> None:
    assert read() is None
    assert asyncio.run(MetricsReader(URL("http://127.0.0.1:9")).read()) is None
    assert read("this is { no page") is None
    assert EngineFigures.between(None, {}) is None


def test_what_happened_between_two_readings() -> None:
    counters = {"engine_slot_seconds": 9.0, "engine_busy_seconds": 1.0, "engine_steps": 64.0}
    before = {(name, ""): 1.0 for name in counters}
    after = {(name, ""): 1.0 + value for name, value in counters.items()}
    after |= {("engine_slots", ""): 24.0, ("queue_depth", ""): 2.0, ("engine_images", ""): 12.0}
    figures = EngineFigures.between(before, after)
    assert figures == EngineFigures(
        occupancy=9.0, slots=24, steps=64, drawn=12, cancelled=0, left=2
    )
    assert figures.as_dict()["left"] == 2


def test_waits_until_all_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "SETTLED", 0.1)
    monkeypatch.setattr(metrics, "PAUSE", 0.02)
    busy = [page(engine_slots=24, engine_slots_in_use=n, engine_steps_total=10 - n) for n in (3, 1)]
    done = page(engine_slots=24, engine_slots_in_use=0, engine_steps_total=10)
    with FakeService(metrics=[*busy, done]) as service:
        sample = asyncio.run(MetricsReader(URL(service.url), "a").settled())
    assert sample is not None
    assert left_of(sample) == 0
    assert sample["engine_steps", ""] == 10


def test_what_does_not_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "PATIENCE", 0.3)
    monkeypatch.setattr(metrics, "PAUSE", 0.02)
    with FakeService(metrics=[page(requests_in_progress=1, engine_slots_in_use=4)]) as service:
        sample = asyncio.run(MetricsReader(URL(service.url), "a").settled())
    assert sample is not None
    assert left_of(sample) == 5
