"""The benchmark runs, and its figures add up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.benchmarks.benchmark_text import STAGES, make_songs

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "benchmarks" / "benchmark_text.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        check=False,
    )


@pytest.mark.parametrize("characters", [50, 1000])
def test_songs_are_of_the_length_and_differ(characters: int) -> None:
    songs = make_songs(characters, 4, seed=1)
    assert len(set(songs)) == 4
    assert all(0.6 * characters < len(song) <= characters for song in songs)
    assert songs == make_songs(characters, 4, seed=1)


def test_shares_add_up_to_the_total(tmp_path: Path) -> None:
    out = tmp_path / "text.json"
    done = run("--characters", "200", "--songs", "4", "--batch", "2", "--json", str(out))
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())["lengths"]["200"]
    assert list(figures) == [*STAGES, "total"]
    assert sum(figures[stage]["share"] for stage in STAGES) == pytest.approx(1, abs=0.3)
    assert all(f["batched"] > 0 and f["p95"] >= f["median"] > 0 for f in figures.values())
    assert all(f"| {stage} |" in done.stdout for stage in figures)


def test_a_wrong_length_is_refused() -> None:
    assert "whole numbers" in run("--characters", "many").stderr
    assert "at least 1" in run("--songs", "0").stderr
