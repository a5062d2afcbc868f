from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loadtests.compare.build_figures import (
    TABLE,
    BuildFigures,
    BuildRound,
    BuildsComparison,
    commit_of,
)
from loadtests.compare.build_picture import draw_builds
from loadtests.compare.figures import Window
from loadtests.load.run import Outcome
from loadtests.service.exchange import Answer, Kind
from loadtests.service.launch import Checkout
from loadtests.service.usage import Owner, Program

GENERATOR, RAYLET = Program(Owner.REPLICA, "Generator"), Program(Owner.RAY, "raylet")


def window(latency: float, count: int = 2, preview: float = 0.0) -> Window:
    firsts = {"first_preview": preview} if preview else {}
    answer = Answer(Kind.DONE, 200, images=12, firsts=firsts)
    return Window([Outcome(0.0, 0.0, latency, 12, answer)] * count, None)


def a_round(latency: float, alone: dict[str, float] | None = None) -> BuildRound:
    return BuildRound(
        start=60.0,
        lone=window(latency),
        streamed=window(latency, preview=latency / 4),
        crowd=window(2 * latency, 4),
        lone_seconds={GENERATOR: 1.0, RAYLET: 0.5},
        crowd_seconds={GENERATOR: 2.0, RAYLET: 0.4},
        memory={GENERATOR: 600.0, RAYLET: 50.0},
        idle={GENERATOR: 0.02, RAYLET: 0.05},
        alone=alone,
    )


@pytest.fixture
def comparison(tmp_path: Path) -> BuildsComparison:
    alone = {"lone": 0.5, "images_per_second": 48.0, "cpu_seconds": 0.4}
    ours = BuildFigures(
        "this build", Checkout(tmp_path), [a_round(1.0, alone), a_round(1.0, alone)]
    )
    other = BuildFigures("the other", Checkout(tmp_path), [a_round(2.0)])
    return BuildsComparison(4, "12", 7, 2, datetime.now(UTC), [ours, other])


def test_headline(comparison: BuildsComparison) -> None:
    ours, other = (build.headline() for build in comparison.builds)
    assert list(ours) == list(TABLE)
    assert ours == pytest.approx(
        {
            "start": 60.0,
            "lone": 1.0,
            "lone_to_alone": 2.0,
            "first_preview": 0.25,
            "preview_share": 0.25,
            "images_per_second": 24.0,
            "images_to_alone": 0.5,
            "p50": 2.0,
            "p95": 2.0,
            "lone_cpu": 0.75,
            "crowd_cpu": 0.6,
            "outside_cpu": 0.2,
            "memory": 650.0,
            "replica_memory": 600.0,
            "idle": 7.0,
            "replica_idle": 2.0,
        }
    )
    assert other["lone_to_alone"] is None
    assert other["outside_cpu"] is None
    ratios = comparison.as_dict()["ratios"]
    assert ratios["lone"] == 0.5
    assert ratios["images_per_second"] == 2.0
    assert ratios["outside_cpu"] is None


def test_tables_name_every_process(comparison: BuildsComparison) -> None:
    text = comparison.markdown()
    assert "| lone request, median, s | 1.00 | 2.00 | 0.50 |" in text
    generator, raylet = text.splitlines()[-2:]
    assert generator.startswith(
        "| Generator (replica) | 600 | 600 | 500 | 500 | 500 | 500 | 2.00 |"
    )
    assert raylet.startswith("| raylet (ray) | 50.0 | 50.0 |")


def test_what_was_not_done_makes_it_incomplete(comparison: BuildsComparison) -> None:
    assert comparison.complete
    failed = Outcome(0.0, 0.0, 1.0, 12, Answer(Kind.TIMEOUT))
    comparison.builds[1].rounds[0].crowd = Window([failed], None)
    assert not comparison.complete
    assert comparison.builds[1].headline()["p95"] is None
    assert "| - |" in comparison.markdown()


def test_picture(comparison: BuildsComparison, tmp_path: Path) -> None:
    draw_builds(comparison, tmp_path / "builds.png")
    assert (tmp_path / "builds.png").read_bytes().startswith(b"\x89PNG")


def test_commits(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == tmp_path.name
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    (tmp_path / "file").write_text("one")
    subprocess.run([*git, "add", "file"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "one"], check=True)
    clean = commit_of(tmp_path)
    (tmp_path / "file").write_text("two")
    assert commit_of(tmp_path) == f"{clean}+"
