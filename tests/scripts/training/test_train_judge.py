"""The judge's training script on plain shapes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from scripts.training import train_judge
from scripts.training.judge import trainer as judge_trainer
from scripts.training.judge.evaluation import HeldOut
from scripts.training.judge.judge import Judge
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeShape
from scripts.training.judge.trainer import JudgeOptions, JudgeTrainer
from scripts.training.scenes.art import JUDGE_SETS, load_concepts

LABELS = Labels.of(load_concepts())
SHAPE = JudgeShape(8, (16, 32), (1, 1))


@pytest.fixture(scope="module")
def held_out(shape_art: Path) -> HeldOut:
    return HeldOut.collect(shape_art, JUDGE_SETS, LABELS, 150)


def trainer(held_out: HeldOut, run: Path, options: JudgeOptions) -> JudgeTrainer:
    return JudgeTrainer(LABELS, SHAPE, options, held_out, run)


def test_every_head_learns_its_own_answers(held_out: HeldOut, tmp_path: Path) -> None:
    few = HeldOut(held_out.images[:24], held_out.targets[:24])
    options = JudgeOptions(steps=150, batch=24, lr=1e-2, warmup=5)
    made = trainer(few, tmp_path, options)
    before = few.measure(made.model)
    for _ in range(options.steps):
        made._advance(few.images, few.targets)
    after = few.measure(made.model)
    for head in ("subject", "setting", "mood", "style"):
        assert after[head] > max(0.7, before[head]), head


def test_a_resumed_run_equals_an_uninterrupted_one(
    shape_art: Path, held_out: HeldOut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        judge_trainer, "beside", lambda scenes, ahead: iter(scenes)
    )  # in this process; the smoke run takes another
    options = JudgeOptions(steps=5, batch=8, warmup=2, evaluate_every=3)
    whole = trainer(held_out, tmp_path / "whole", options)
    whole.train(shape_art, JUDGE_SETS)
    trainer(held_out, tmp_path / "parts", options).train(shape_art, JUDGE_SETS, until=4)
    second = trainer(held_out, tmp_path / "parts", options)
    second.resume()
    assert second.step == 4
    second.train(shape_art, JUDGE_SETS)
    assert [row["step"] for row in second.history] == [3, 5]
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name
    other = trainer(held_out, tmp_path / "parts", JudgeOptions(steps=9))
    with pytest.raises(ValueError, match="made with steps 5"):
        other.resume()


def test_smoke_leaves_a_whole_judge(shape_art: Path, tmp_path: Path) -> None:
    words = ["--art", shape_art, "--run", tmp_path / "run", "--smoke"]
    assert train_judge.main([str(word) for word in words]) == 0
    figures = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert figures["held_out_scenes"] == 32
    assert set(figures["accuracy"]) == {"as trained", "own art"}
    assert set(figures["accuracy"]["own art"]) == set(figures["accuracy"]["as trained"])
    assert figures["art_sets"] == list(JUDGE_SETS)
    assert figures["subjects_without_art"] == []
    pictures = np.zeros((2, 128, 128, 3), dtype=np.uint8)
    assert len(Judge.load(tmp_path / "run").look(pictures).first("subject")) == 2
    with Image.open(tmp_path / "run" / "curves.png") as curves:
        assert curves.width > 500
    with pytest.raises(SystemExit, match="--resume"):
        train_judge.main([str(word) for word in words])
