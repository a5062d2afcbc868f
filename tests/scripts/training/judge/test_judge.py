from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from scripts.training.judge.judge import Judge, Verdict, save_judge
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeNet, JudgeShape

SHAPE = JudgeShape(8, (8, 16), (1, 1))
LABELS = Labels(
    {"subject": ("cat", "dog", "none"), "setting": ("sea",), "mood": ("Power",), "style": ("a",)}
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_judge(tmp_path / "judge", JudgeNet(LABELS.sizes, SHAPE), LABELS, SHAPE)
    return tmp_path / "judge"


def test_a_saved_judge_judges_as_before(folder: Path) -> None:
    torch.manual_seed(0)
    before = Judge(JudgeNet(LABELS.sizes, SHAPE), LABELS)
    pictures = np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    again = Judge.load(folder).look(pictures)
    np.testing.assert_allclose(  # stored in half precision
        again.probabilities["subject"],
        before.look(pictures).probabilities["subject"],
        atol=2e-3,
    )
    np.testing.assert_allclose(again.probabilities["subject"].sum(axis=1), 1, rtol=1e-5)


def test_a_damaged_folder_is_refused(folder: Path) -> None:
    Labels({**LABELS.names, "subject": ("cat",)}).write(folder / "labels.json")
    with pytest.raises(ValueError, match="fit neither"):
        Judge.load(folder)
    (folder / "shape.json").unlink()
    with pytest.raises(FileNotFoundError, match="train_judge"):
        Judge.load(folder)


def test_a_verdict_names_the_likeliest() -> None:
    verdict = Verdict(LABELS, {"subject": np.array([[0.2, 0.7, 0.1], [0.5, 0.1, 0.4]])})  # type: ignore[dict-item]
    assert verdict.first("subject") == ["dog", "cat"]
    assert verdict.named("subject", ["dog"]).tolist() == [True, False]
    assert verdict.named("subject", ["cat", "none"], top=2).tolist() == [True, True]
    assert verdict.named("subject", ["none"], top=2).tolist() == [False, True]
    with pytest.raises(ValueError, match="knows no subject"):
        verdict.named("subject", ["cow"])
