from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from loadtests.compare import builds
from loadtests.compare.builds import BuildsPlan, checkout_at, compare_builds, measure_alone
from loadtests.load.workload import CandidatesMix
from loadtests.service.launch import OURS
from loadtests.service.usage import Owner
from tests.loadtests.compare.checkouts import fake_checkout

PLAN = BuildsPlan(
    users=2,
    rounds=2,
    duration=0.5,
    mix=CandidatesMix.parse("2"),
    seed=7,
    lone=2,
    loaded=0,
    idle=0.2,
    warm=1,
)


def test_builds_take_turns_and_the_slower_one_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "SETTLE", 0.0)
    monkeypatch.setattr(builds, "OURS", fake_checkout(tmp_path / "ours", delay=0.02))
    other = fake_checkout(tmp_path / "other", delay=0.3)
    lines: list[str] = []
    monkeypatch.setattr(builds, "print_progress", lines.append)

    comparison = asyncio.run(compare_builds(other, PLAN))

    started = [line.rpartition("/")[2] for line in lines if "starting" in line]
    assert started == ["ours", "other", "other", "ours"]
    runs = [(tmp_path / name / "launched").read_text().split() for name in ("ours", "other")]
    assert len(set(runs[0] + runs[1])) == 8  # ports and data folders of four starts
    assert comparison.complete
    figures = comparison.as_dict()
    assert 0 < figures["ratios"]["lone"] < 0.5
    assert figures["ratios"]["images_per_second"] > 2
    ours, _ = (build["headline"] for build in figures["builds"])
    assert 0 < ours["first_preview"] < ours["lone"] + 1
    assert ours["memory"] > 10
    assert ours["lone_cpu"] >= 0
    assert ours["lone_to_alone"] is None  # the fake ones have no engine
    (process,) = comparison.builds[0].by_process("memory")
    assert (process.name, process.owner) == ("serve.py", Owner.RAY)
    assert "serve.py (ray)" in comparison.markdown()


def test_a_checkouts_own_environment_goes_before_this_one(tmp_path: Path) -> None:
    fake = fake_checkout(tmp_path / "fake", delay=0)
    assert checkout_at(fake.root).python == OURS.python
    own = fake.root / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.symlink_to(sys.executable)
    assert checkout_at(fake.root).python == own
    assert checkout_at(fake.root, Path(sys.executable)).python == Path(sys.executable)


def test_what_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no checkout of this project.*serve_config.yaml"):
        checkout_at(tmp_path)
    fake = fake_checkout(tmp_path / "fake", delay=0)
    with pytest.raises(ValueError, match="no /no/python"):
        checkout_at(fake.root, Path("/no/python"))


def test_this_builds_engine_and_finish_alone() -> None:
    figures = measure_alone(OURS, PLAN, ["a painting of a yellow balloon in the sky", ""])
    assert figures is not None
    assert figures["lone"] > 0
    assert figures["images_per_second"] > 0
    assert figures["cpu_seconds"] > 0
    assert measure_alone(OURS, PLAN, [""]) is None
