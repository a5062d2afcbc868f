from __future__ import annotations

import pytest
import torch

from scripts.training.judge.labels import Labels
from scripts.training.judge.model import OTHERS, SIZE, JudgeNet, judge_loss
from scripts.training.scenes.art import load_concepts

SIZES = {"subject": 4, "setting": 3, "mood": 2, "style": 2}


def logits(subject: list[float]) -> dict[str, torch.Tensor]:
    others = {head: torch.zeros(1, size) for head, size in SIZES.items()}
    return {**others, "subject": torch.tensor([subject]).float()}


def test_the_judge_is_small() -> None:
    model = JudgeNet(Labels.of(load_concepts()).sizes)
    assert sum(p.numel() for p in model.parameters()) < 1_500_000


def test_each_head_has_its_logits() -> None:
    outputs = JudgeNet(SIZES)(torch.zeros(2, 3, SIZE, SIZE))
    assert {head: tuple(value.shape) for head, value in outputs.items()} == {
        head: (2, size) for head, size in SIZES.items()
    }


def test_both_subjects_of_a_scene_are_right() -> None:
    both = torch.tensor([[0, 1, 0, 0, 0]])
    undecided = judge_loss(logits([9, 9, 0, 0]), both)
    partial = judge_loss(logits([9, 0, 0, 0]), both)
    wrong = judge_loss(logits([0, 0, 9, 9]), both)
    assert undecided < partial < wrong


def test_the_loss_of_one_subject_is_cross_entropy() -> None:
    loss = judge_loss(logits([1, 2, 3, 4]), torch.tensor([[2, 2, 0, 0, 0]]))
    subject = -torch.tensor([1.0, 2, 3, 4]).log_softmax(0)[2]
    others = torch.tensor(list(OTHERS.values())) @ torch.log(torch.tensor([3.0, 2, 2]))
    assert float(loss) == pytest.approx(float(subject + others), rel=1e-5)
