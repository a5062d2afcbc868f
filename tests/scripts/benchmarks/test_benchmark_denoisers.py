from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.benchmarks import benchmark_denoisers


def test_every_figure_of_a_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"STEPS": 4, "CANDIDATES": 2, "REQUESTS": 2, "EACH": 2}.items():
        monkeypatch.setattr(benchmark_denoisers, name, value)
    monkeypatch.setattr(benchmark_denoisers, "LOADS", (1.0,))
    out = tmp_path / "denoisers.json"
    words = ["--shape", "tiny", "--repeats", "1", "--threads", "1", "--json", str(out)]
    benchmark_denoisers.main(words)
    (figures,) = json.loads(out.read_text())["shapes"]
    one, crowd = figures["one_request"], figures["crowd"]
    assert one["ratio"] == pytest.approx(one["engine_s"] / one["library_s"])
    assert one["first_preview_after_steps"] == 2
    assert 0 < one["first_preview_s"] < one["engine_s"]
    for side in ("engine", "library"):
        assert 0 < crowd[side]["first_preview"] < crowd[side]["finished"]
    assert [load["offered_load"] for load in figures["sweep"]] == [1.0]
    printed = capsys.readouterr().out
    assert "| tiny | 1 (capacity) |" in printed
