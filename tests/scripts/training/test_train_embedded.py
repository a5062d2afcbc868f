"""The rebuild of all weights: the real scripts in small, and the rules by steps made for the purpose."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scripts.training import train_embedded
from scripts.training.collect_weights import SAMPLING
from scripts.training.embedded.recipe import Places, Step
from scripts.training.embedded.runner import StepFailedError
from scripts.training.embedded.state import FILE
from scripts.training.judge.judge import Judge
from scripts.training.rqvae.trainer import PACE
from scripts.training.train_embedded import Rebuild
from songdalle_core.artifacts import read_sums, sha256
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.reranking import ClipReranker
from songdalle_core.sentiment import MoodClassifier


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory, shape_art: Path) -> Path:
    run = tmp_path_factory.mktemp("rebuilt")
    words = ["--art", str(shape_art), "--run", str(run), "--smoke", "--judge"]
    assert train_embedded.main(words) == 0
    return run


@pytest.mark.long
def test_the_weights_are_whole_and_listed(rebuilt: Path) -> None:
    weights = rebuilt / "weights"
    generator = load_generator(weights / "generator")
    assert generator.sampling == SAMPLING
    assert generator.planner is not None
    figures = json.loads((rebuilt / "clip" / "metrics.json").read_text())
    assert figures["layers_of_the_generator"] == 24
    pictures = np.zeros((2, 128, 128, 3), dtype=np.uint8)
    assert ClipReranker.load(f"local-dir:{weights / 'clip'}").score("a cat", pictures).shape == (2,)
    assert MoodClassifier.load(weights).classify_many(["눈물이 흐른다"])[0].label
    assert len(Judge.load(rebuilt / "judge").look(pictures).first("mood")) == 2
    sums = read_sums(weights)
    for path in [p for p in weights.rglob("*") if p.is_file() and p.parent != weights]:
        name = path.relative_to(weights).as_posix()
        if name != "sentiment/metrics.json":  # figures only, as in the shipped weights
            assert sums[name] == sha256(path), name


@pytest.mark.long
def test_a_finished_rebuild_does_nothing(
    rebuilt: Path, shape_art: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (rebuilt / FILE).read_text()
    words = ["--art", str(shape_art), "--run", str(rebuilt), "--smoke"]
    for more, steps in ((["--judge"], 8), ([], 7)):
        assert train_embedded.main([*words, *more]) == 0
        assert capsys.readouterr().out.count(" done\n") == steps
    assert (rebuilt / FILE).read_text() == before


def test_a_dry_run_tells_the_time_and_touches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_embedded.main(["--run", str(tmp_path / "run"), "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert f"--steps {PACE.steps}" in printed
    assert "all: about" in printed
    assert not (tmp_path / "run").exists()


FIRST = """
import pathlib, sys
folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
with (folder / "checkpoint").open("a") as file:
    file.write("x")
if len((folder / "checkpoint").read_text()) < 2:
    sys.exit("interrupted")
(folder / "out").write_text(sys.argv[2])
print("step 1/1  1.0 images/s  0 min left")
"""
SECOND = "import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])"


def small(run: Path, word: str = "a") -> Rebuild:
    """Two steps; the first ends halfway when it is run for the first time."""
    run.mkdir(exist_ok=True)
    for name, code in (("first", FIRST), ("second", SECOND)):
        (run / f"{name}.py").write_text(code)
    first, out = run / "first", run / "copied"
    steps = [
        Step("first", str(run / "first.py"), (str(first), word), (first / "out",), (), first, 60),
        Step("second", str(run / "second.py"), (str(first / "out"), str(out)), (out,), ("first",)),
    ]
    return Rebuild(steps, Places(run, run, run))


def take(rebuild: Rebuild, only: str | None = None) -> None:
    with open("/dev/null") as lock:
        rebuild.take(only, lock.fileno())


def test_it_goes_on_after_an_interruption(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StepFailedError, match="exit status 1"):
        take(small(tmp_path))
    assert not (tmp_path / "copied").exists()
    take(small(tmp_path))
    assert "[1/2 first] to resume" in capsys.readouterr().out
    assert (tmp_path / "first" / "checkpoint").read_text() == "xx"
    assert (tmp_path / "copied").read_text() == "a"


def test_other_options_make_it_and_what_follows_anew_and_lose_nothing(tmp_path: Path) -> None:
    for word in ("a", "b"):
        with pytest.raises(StepFailedError):
            take(small(tmp_path, word))
        take(small(tmp_path, word))
    assert (tmp_path / "copied").read_text() == "b"
    assert (tmp_path / "first.1" / "out").read_text() == "a"


def test_one_step_alone_needs_those_before_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="second needs first first"):
        take(small(tmp_path), "second")
