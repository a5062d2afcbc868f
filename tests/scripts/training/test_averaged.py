from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from scripts.training.averaged import AveragedTrainer, Pace

PACE = Pace(steps=6, batch=5, warmup=2, ema=0.5, save_every=3)


class LineTrainer(AveragedTrainer[nn.Linear]):
    """Fits y = 2 x."""

    def __init__(self, run: Path, report: Callable[[nn.Linear, int], None]) -> None:
        torch.manual_seed(0)
        model = nn.Linear(1, 1)
        parts = {"adam": torch.optim.AdamW([model.weight]), "sgd": torch.optim.SGD([model.bias])}
        super().__init__(model, parts, PACE, run, report)

    def _loss(self, places: range) -> tuple[Tensor, dict[str, float]]:
        x = torch.tensor([float(place) for place in places])[:, None]
        loss = (self.model(x) - 2 * x).pow(2).mean()
        return loss, {"loss": float(loss.detach())}


def interrupt(averaged: nn.Linear, step: int) -> None:
    raise KeyboardInterrupt


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    reported: list[int] = []
    whole = LineTrainer(tmp_path / "whole", lambda averaged, step: reported.append(step))
    whole.train()
    assert reported == [3, 6]
    with pytest.raises(KeyboardInterrupt):
        LineTrainer(tmp_path / "parts", interrupt).train()
    second = LineTrainer(tmp_path / "parts", lambda averaged, step: None)
    second.resume()
    assert second.step == 3
    second.train()
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, second.average.state_dict()[name]), name


def test_the_average_is_reported_and_not_the_model(tmp_path: Path) -> None:
    reported: list[float] = []
    trainer = LineTrainer(tmp_path, lambda averaged, step: reported.append(float(averaged.weight)))
    start = float(trainer.model.weight)
    trainer.train()
    last = float(trainer.model.weight)
    assert start < reported[-1] < last
