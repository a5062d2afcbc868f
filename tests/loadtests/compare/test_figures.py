from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loadtests.compare.configurations import ONE_AT_A_TIME, ORIGINAL, SERVICE, groups
from loadtests.compare.figures import Comparison, GroupFigures, Window, pool
from loadtests.compare.overhead import Overhead
from loadtests.load.run import Outcome
from loadtests.service.exchange import Answer, Kind
from loadtests.service.metrics import EngineFigures


def window(*latencies: float, left: int = 0) -> Window:
    """A user's requests, one after the other."""
    outcomes, now = [], 0.0
    for latency in latencies:
        answer = Answer(Kind.DONE, 200, timings={"generate": latency / 2}, images=12)
        outcomes.append(Outcome(now, now, now + latency, 12, answer))
        now += latency
    return Window(outcomes, EngineFigures(9.0, 24, 64, 12, 0, left))


@pytest.fixture
def comparison() -> Comparison:
    figures = GroupFigures(groups()[0])
    figures.windows = {
        SERVICE: [window(1, 1), window(1, 1, left=1)],
        ONE_AT_A_TIME: [window(2, 2)],
        ORIGINAL: [window(5), window(5)],
    }
    made = Comparison(8, "12:1", 7, True, datetime(2026, 1, 2, tzinfo=UTC), [figures])
    made.single = window(1.0)
    made.overhead = Overhead(8, 1.0, 0.02, 0.03)
    return made


def test_windows_are_pooled() -> None:
    pooled = pool([window(1, 2), window(3)])
    assert pooled["images_per_second"] == pytest.approx(36 / 6)
    assert pooled["latency"]["p50"] == 2
    assert pooled["stages"]["generate"]["max"] == 1.5
    assert [each["p95"] for each in pooled["rounds"]] == [pytest.approx(1.95), 3]
    assert pooled["occupancy"] == 9.0
    empty = pool([Window([], None)])
    assert (empty["images_per_second"], empty["latency"], empty["left"]) == (0.0, None, None)


def test_the_ratios_of_the_headline(comparison: Comparison, tmp_path: Path) -> None:
    comparison.write_json(tmp_path / "a.json")
    written = json.loads((tmp_path / "a.json").read_text())
    assert written["throughput_ratio"] == 5
    assert written["p95_ratio"] == 0.2
    assert written["one_at_a_time_ratio"] == 2
    assert written["one_at_a_time_p95_ratio"] == 0.5
    rows = written["groups"]["service"]["configurations"]
    assert [row["throughput_ratio"] for row in rows] == [1, 0.5, 0.2]
    assert rows[0]["left"] == 1
    assert written["overhead"]["share"] == 0.05
    assert written["machine"]["cpus"] >= 1


def test_tables_and_sentences(comparison: Comparison) -> None:
    tables = comparison.markdown()
    assert (
        "| service: `serve_config.yaml` as it is | 12.00 | 12.00 to 12.00 | 1.00 | 1.00 |" in tables
    )
    assert "5.00 times the images a second, 0.20 times the 95th percentile" in tables
    assert "HTTP takes 20 ms and Ray 30 ms, together 5%" in tables


def test_a_lost_request_makes_it_incomplete(comparison: Comparison) -> None:
    assert comparison.complete
    lost = Outcome(0.0, 0.0, 9.0, 12, Answer(Kind.STATUS, 500))
    broken = Window([*window(1).outcomes, lost], None)
    comparison.groups[0].windows[SERVICE].append(broken)
    assert not comparison.complete
    assert "1 NOT DONE" in broken.describe()


def test_without_the_services_group_there_is_no_headline() -> None:
    figures = GroupFigures(groups()[1])
    for windows in figures.windows.values():
        windows.append(window(1.0))
    only_slots = Comparison(8, "12:1", 7, False, datetime.now(UTC), [figures])
    assert "throughput_ratio" not in only_slots.as_dict()
    assert "Slots of the engine" in only_slots.markdown()
