from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.benchmarks.benchmark_stages import Figures, main, make_songs, measure, report
from scripts.benchmarks.stages.backends import NAMES, Backend

EMBEDDED = "textrank,gloss,classifier"
TINY = "kobart-tiny,kobert-tiny,marian-tiny,nllb-tiny"


def test_every_back_end_that_is_quick_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "figures.json"
    arguments = ["--backends", f"{EMBEDDED},{TINY}", "--songs", "4", "--rounds", "1"]
    arguments += ["--batches", "1,4", "--max-length", "8", "--threads", "1", "--json", str(path)]
    assert main(arguments) == 0
    written = json.loads(path.read_text())
    assert list(written["backends"]) == [*EMBEDDED.split(","), *TINY.split(",")]
    for name, figures in written["backends"].items():
        assert figures["songs_per_second"]["4"] > 0
        assert figures["ratios"]["1"] == 1
        assert (figures["parameters"] > 1000) == name.endswith("-tiny")
    printed = capsys.readouterr().out
    assert printed.splitlines()[0].split()[:2] == ["back", "end"]
    assert "kobart-tiny" in printed


def test_every_song_is_run_at_every_size() -> None:
    songs = make_songs(10, seed=1)
    batches: list[int] = []

    def run(batch: object) -> None:
        batches.append(len(batch))  # type: ignore[arg-type]

    figures = measure(Backend("s", "n", run, tokens=len), songs, [1, 4], rounds=2)
    assert batches == [4, *[1] * 10, 4, 4, 2, 4, 4, 2, *[1] * 10]
    assert figures.tokens == sum(map(len, songs)) / 10
    assert figures.padding is not None
    assert 0 < figures.padding < 1


def test_songs_are_of_many_lengths_and_the_same_each_time() -> None:
    songs = make_songs(40, seed=0)
    assert len({len(song) for song in songs}) > 15
    assert songs == make_songs(40, seed=0) != make_songs(40, seed=1)


def test_the_table_tells_gains() -> None:
    figures = Figures("sentiment", 92_000_000, 120.4, 0.3, {1: 2.0, 8: 5.0}, {1: 1.0, 8: 2.5})
    header, row = report({"kobert": figures}, [1, 8]).splitlines()
    assert row.split() == ["kobert", "sentiment", "92.0", "120", "2.00", "2.50"]
    assert "x 8" in header


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backends", "bert"], "no back end 'bert': choose from textrank"),
        (["--batches", "1,two"], "whole numbers"),
        (["--songs", "0"], "at least 1"),
    ],
)
def test_wrong_options(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert message in capsys.readouterr().err


def test_the_published_sizes_are_there() -> None:
    assert {"kobart", "kobert", "marian"} <= set(NAMES)
