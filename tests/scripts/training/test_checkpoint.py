from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from scripts.training.checkpoint import Checkpoint, read


def test_parts_and_what_else_is_kept_come_back(tmp_path: Path) -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    Checkpoint(tmp_path / "run" / "c.pt", {"model": first}).save(7, history=[1.5])
    state = Checkpoint(tmp_path / "run" / "c.pt", {"model": second}).load()
    assert torch.equal(first.weight, second.weight)
    assert (state["step"], state["history"]) == (7, [1.5])


def test_a_run_of_another_identity_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    path, first, second = tmp_path / "c.pt", nn.Linear(2, 2), nn.Linear(2, 2)
    Checkpoint(path, {"model": first}, {"seed": 1}).save(1)
    before = second.weight.clone()
    with pytest.raises(ValueError, match="made with seed 1, not 2: give the same one"):
        Checkpoint(path, {"model": second}, {"seed": 2}).load()
    assert torch.equal(before, second.weight)


def test_a_write_that_fails_keeps_the_last_checkpoint(tmp_path: Path) -> None:
    made = Checkpoint(tmp_path / "c.pt", {"model": nn.Linear(2, 2)})
    made.save(1)
    with pytest.raises(AttributeError, match="pickle"):
        made.save(2, history=lambda: None)
    assert read(made.path)["step"] == 1
