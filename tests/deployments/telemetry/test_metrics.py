from __future__ import annotations

import time

import pytest

from deployments.telemetry import metrics
from deployments.telemetry.metrics import ALL, Counter, Gauge, Histogram


def test_names_are_unique_and_say_their_unit() -> None:
    names = [name for metric in ALL for name in metric.exported]
    assert len(set(names)) == len(names)
    assert all(metric.description.endswith(".") for metric in ALL)
    for metric in ALL:
        assert not metric.name.endswith(("_total", "_count", "_sum", "_bucket"))


def test_a_counter_takes_nothing_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter("some", "Some.", ("kind",))
    increments = []
    monkeypatch.setattr(
        counter._counter, "inc", lambda amount, tags: increments.append((amount, tags))
    )
    counter.add(0, kind="a")
    counter.add(2.5, kind="a")
    assert increments == [(2.5, {"kind": "a"})]


def test_a_gauge_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray drops a gauge that is not set again within two reports."""
    monkeypatch.setattr(metrics, "REPEAT_SECONDS", 0.02)
    monkeypatch.setattr(metrics, "_standing", metrics._Standing())
    gauge, values = Gauge("level", "Level."), []
    monkeypatch.setattr(gauge._gauge, "set", values.append)
    gauge.set(3)
    end = time.monotonic() + 10
    while len(values) < 4:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert set(values) == {3}


def test_a_gauge_that_is_forgotten_is_repeated_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "REPEAT_SECONDS", 0.02)
    monkeypatch.setattr(metrics, "_standing", metrics._Standing())
    gone, left = Gauge("gone", "Gone."), Gauge("left", "Left.")
    updates: list[str] = []
    monkeypatch.setattr(gone._gauge, "set", lambda _: updates.append("gone"))
    monkeypatch.setattr(left._gauge, "set", lambda _: updates.append("left"))
    gone.set(1)
    left.set(2)
    gone.forget()
    gone.forget()
    updates.clear()
    end = time.monotonic() + 10
    while updates.count("left") < 4:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert updates.count("gone") <= 1  # a repetition that was under way


def test_histograms_have_rising_bounds() -> None:
    for metric in ALL:
        if isinstance(metric, Histogram):
            assert list(metric.bounds) == sorted(set(metric.bounds))
            assert metric.bounds[0] > 0
