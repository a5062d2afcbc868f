from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from scripts.training.finetuning.trainer import FinetuneOptions, Finetuner, start_or_resume

ITEMS = list(range(10))


class Model(nn.Module):
    """Learns numbers by heart; with dropout, so that its draws tell."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(len(ITEMS), 8)
        self.out = nn.Linear(8, 1)
        self.device = torch.device("cpu")

    def forward(self, items: Tensor) -> Tensor:
        guesses: Tensor = self.out(nn.functional.dropout(self.table(items), 0.1, self.training))
        return guesses.squeeze(-1)


def trainer(run: Path, measures: list[float] | None = None, **changes: Any) -> Finetuner[int]:
    torch.manual_seed(0)
    model = Model()
    given = iter(measures or [])

    def loss(items: list[int], step: int) -> Tensor:
        wanted = torch.tensor([item / 10 for item in items])
        return (model(torch.tensor(items)) - wanted).square().mean()

    def evaluate() -> dict[str, float]:
        assert not model.training
        return {"closeness": next(given, -float(loss(ITEMS, 0).detach()))}

    settings: dict[str, Any] = {"epochs": 4, "batch": 4, "lr": 0.05, "patience": 0} | changes
    options = FinetuneOptions(**settings)
    return Finetuner(model, ITEMS, loss, evaluate, "closeness", options, run)


def weights(finetuner: Finetuner[int]) -> Tensor:
    return torch.cat([p.detach().flatten() for p in finetuner.model.parameters()])


def test_it_learns_and_keeps_what_was_measured(tmp_path: Path) -> None:
    made = trainer(tmp_path, epochs=8)
    made.train()
    losses = [row["loss"] for row in made.history]
    assert losses[-1] < losses[0] / 3
    assert [row["epoch"] for row in made.history] == list(range(1, 9))
    assert json.loads((tmp_path / "history.json").read_text()) == made.history


def test_every_epoch_takes_every_item_once_in_another_order(tmp_path: Path) -> None:
    made = trainer(tmp_path)
    assert made.epoch_steps == 3
    epochs = [[i for n in range(3) for i in made.batch(3 * e + n)] for e in range(3)]
    assert all(sorted(epoch) == ITEMS for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert trainer(tmp_path, seed=1).batch(0) != made.batch(0)


@pytest.mark.parametrize("stop", [2, 3, 7])
def test_a_resumed_run_is_the_run_that_never_stopped(tmp_path: Path, stop: int) -> None:
    whole = trainer(tmp_path / "whole")
    whole.train()
    first = trainer(tmp_path / "parts")
    first.train(until=stop)
    second = trainer(tmp_path / "parts")
    start_or_resume(second, resume=True)
    assert second.step == stop
    second.train()
    assert torch.equal(weights(second), weights(whole))
    assert second.history == whole.history


def test_the_best_epoch_is_kept(tmp_path: Path) -> None:
    made = trainer(tmp_path, measures=[1.0, 5.0, 2.0, 3.0])
    made.train(until=2 * made.epoch_steps)
    best = weights(made)
    made.train()
    assert made.best == 1
    assert torch.equal(weights(made), best)
    again = trainer(tmp_path)
    start_or_resume(again, resume=True)
    again.train()
    assert torch.equal(weights(again), best)


@pytest.mark.parametrize(("patience", "epochs"), [(0, 6), (1, 3), (2, 4), (9, 6)])
def test_it_stops_when_it_gets_no_better(tmp_path: Path, patience: int, epochs: int) -> None:
    measures = [1.0, 5.0, 2.0, 3.0, 4.0, 4.5]
    made = trainer(tmp_path, measures, epochs=6, patience=patience)
    made.train()
    assert len(made.history) == epochs


def test_the_rate_rises_and_falls(tmp_path: Path) -> None:
    made = trainer(tmp_path, epochs=10, warmup_ratio=0.2)
    rates = []
    for until in range(1, made.steps + 1):
        made.train(until=until)
        rates.append(made._optimizer.param_groups[0]["lr"])
    peak = rates.index(max(rates))
    assert peak in (5, 6)
    assert rates[:6] == sorted(rates[:6])
    assert rates[6:] == sorted(rates[6:], reverse=True)
    assert max(rates) == pytest.approx(0.05)
    assert rates[-1] < 0.001


def test_gradients_are_shortened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    norms = []
    made = trainer(tmp_path, max_grad_norm=1e-3)
    step = made._optimizer.step

    def watched() -> None:
        grads = [p.grad for p in made.model.parameters() if p.grad is not None]
        norms.append(float(torch.cat([g.flatten() for g in grads]).norm()))
        step()

    monkeypatch.setattr(made._optimizer, "step", watched)
    made.train(until=3)
    assert len(norms) == 3
    assert max(norms) <= 1e-3 * 1.001


def test_runs_are_not_mixed_up(tmp_path: Path) -> None:
    trainer(tmp_path).train(until=1)
    with pytest.raises(SystemExit, match="add --resume"):
        start_or_resume(trainer(tmp_path), resume=False)
    with pytest.raises(ValueError, match="made with batch 4, not 5"):
        start_or_resume(trainer(tmp_path, batch=5), resume=True)


def test_progress_is_told_by_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trainer(tmp_path, log_interval=5).train()
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("step")]
    assert [line.split()[1] for line in lines] == ["5/12", "10/12", "12/12"]
    assert "songs/s" in lines[0]


def test_no_items(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to train on"):
        Finetuner(Model(), [], lambda i, s: torch.zeros(()), dict, "x", FinetuneOptions(), tmp_path)
