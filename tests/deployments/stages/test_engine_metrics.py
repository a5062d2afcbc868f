"""Metrics of a real engine, recorded before they go to Ray."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from deployments.stages.engine_metrics import EngineMetrics, Wait
from deployments.telemetry import metrics
from songdalle_core.imagegen.engine.engine import (
    Drawn,
    Engine,
    EngineOptions,
    EngineStats,
    GenerationRequest,
)
from songdalle_core.imagegen.model.generator import load_generator
from tests.serve.tiny_models import write_generator

Sums = dict[str, float]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Sums:
    """Sums of counters and histograms, and the last values of gauges."""
    sums: Sums = defaultdict(float)

    def add(self: metrics.Metric, amount: float = 1.0, **_: str) -> None:
        sums[self.name] += amount

    def put(self: metrics.Metric, value: float) -> None:
        sums[self.name] = value

    monkeypatch.setattr(metrics.Counter, "add", add)
    monkeypatch.setattr(metrics.Histogram, "observe", add)
    monkeypatch.setattr(metrics.Gauge, "set", put)
    return sums


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = write_generator(tmp_path_factory.mktemp("models") / "tiny")
    with Engine(load_generator(folder), EngineOptions(slots=4, width=4, decode_width=2)) as engine:
        yield engine


def draw(engine: Engine, watch: EngineMetrics, candidates: int) -> Wait:
    left = threading.Semaphore(0)

    def emit(event: Any) -> None:
        assert isinstance(event, Drawn)
        left.release()

    request = GenerationRequest("the sea", candidates, 1, engine.generator.sampling)
    wait = watch.await_slot(engine.submit(request, emit))
    for _ in range(candidates):
        assert left.acquire(timeout=60)
    return wait


def test_counts_follow_the_engine(engine: Engine, recorded: Sums) -> None:
    before = engine.stats.steps
    watch = EngineMetrics(engine.stats, slots=4)
    wait = draw(engine, watch, 8)
    end = time.monotonic() + 30
    while recorded["engine_images"] < 8 or recorded["engine_slots_in_use"] or not wait.over():
        assert time.monotonic() < end, recorded
        time.sleep(0.02)
    watch.stop()
    assert recorded["engine_steps"] == engine.stats.steps - before
    assert recorded["engine_slots"] == 4
    assert recorded["queue_depth"] == 0
    assert 0 < recorded["engine_busy_seconds"] <= recorded["engine_slot_seconds"]
    assert recorded["engine_slot_seconds"] <= 4.01 * recorded["engine_busy_seconds"]
    assert recorded["queue_seconds"] == pytest.approx(wait.seconds)


def test_a_long_wait_is_recorded_once_it_is_over(recorded: Sums) -> None:
    job: Any = SimpleNamespace(admitted=0)
    stats: Any = EngineStats(occupied=4, waiting=2)
    watch = EngineMetrics(stats, slots=4)
    wait = watch.await_slot(job)
    time.sleep(0.3)
    assert not wait.over()
    job.admitted = 1
    end = time.monotonic() + 10
    while not recorded["queue_wait_seconds"]:
        assert time.monotonic() < end
        time.sleep(0.01)
    watch.stop()
    assert wait.seconds == recorded["queue_wait_seconds"] >= 0.3
    assert recorded["queue_depth"] == 2
    wait.end()
    assert recorded["queue_wait_seconds"] == wait.seconds


def test_a_wait_given_up_ends(recorded: Sums) -> None:
    wait = Wait(SimpleNamespace(admitted=0))  # type: ignore[arg-type]
    wait.end()
    assert wait.over()
    assert wait.seconds == recorded["queue_seconds"]
