"""The evaluation from prompts to tables, with tiny models and a tiny judge."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from scripts.evaluation import evaluate_covers
from scripts.evaluation.covers.drawing import Painter
from scripts.training.judge.judge import save_judge
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeNet, JudgeShape
from scripts.training.scenes.art import load_concepts
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.reranking import ClipReranker
from tests.serve.tiny_models import write_clip, write_generator

SHAPE = JudgeShape(8, (8, 16), (1, 1))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_generator(folder / "generator")
    write_clip(folder / "clip")
    torch.manual_seed(0)
    labels = Labels.of(load_concepts())
    save_judge(folder / "judge", JudgeNet(labels.sizes, SHAPE), labels, SHAPE)
    return folder


def evaluate(models: Path, *words: object) -> int:
    arguments = ["--judge", models / "judge", "--generator", models / "generator"]
    arguments += ["--reranker", f"local-dir:{models / 'clip'}", "--threads", "1", *words]
    return evaluate_covers.main([str(word) for word in arguments])


def test_covers_are_drawn_ranked_judged_and_tabled(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, sheet = tmp_path / "figures.json", tmp_path / "sheet.png"
    words = ["--limit", 4, "--candidates", 3, "--wording-candidates", 1]
    assert evaluate(models, *words, "--json", out, "--sheet", sheet) == 0
    printed = capsys.readouterr().out
    assert "min left" in printed
    assert "| subject in top 5, all covers |" in printed
    assert "| word removal alone |" in printed
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert [len(row["said"]) for row in figures["prompts"]] == [3] * 4
    assert figures["wordings"][0]["gain"] is None
    assert len(figures["wordings"]) == 6
    with Image.open(sheet) as picture:
        assert picture.width > 1000
    assert evaluate(models, *words, "--json", tmp_path / "again.json") == 0
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8")) == figures


def test_the_painter_ranks_what_the_seed_gives(models: Path) -> None:
    reranker = ClipReranker.load(f"local-dir:{models / 'clip'}")
    with Painter(load_generator(models / "generator"), reranker, 4, 1) as painter:
        covers = painter.paint("a cat", 4, 5)
        again = painter.paint("a cat", 4, 5)
    np.testing.assert_array_equal(covers.pictures, again.pictures)
    assert np.all(np.diff(np.round(covers.scores, 3)) <= 0)


@pytest.mark.parametrize(
    ("row", "message"),
    [("plain\ta\tqwerty\t-\tPower", "no subject 'qwerty'"), ("plain\ta", "line 2")],
)
def test_bad_prompts_end_with_a_clear_word(
    models: Path, tmp_path: Path, row: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "p.tsv"
    data.write_text(f"half\ttext\tsubjects\tsettings\tmood\n{row}\n")
    with pytest.raises(SystemExit):
        evaluate(models, "--data", data)
    assert message in capsys.readouterr().err


def test_a_missing_judge_is_named(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        evaluate_covers.main(["--judge", str(models / "nobody")])
    assert "train_judge.py" in capsys.readouterr().err
