from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from scripts.training.rqvae.closed_form import fit
from scripts.training.rqvae.trainer import Trainer, TrainOptions, reconstruction_loss
from songdalle_core.imagegen.model.rqvae import RQVAE
from tests.scripts.training.rqvae.small import pictures, small_rqvae

OPTIONS = TrainOptions(steps=6, batch=5, warmup=2, save_every=3)


def trainer(
    run: Path, options: TrainOptions = OPTIONS, report: Callable[[RQVAE, int], None] | None = None
) -> Trainer:
    model, made = small_rqvae(), pictures(8)
    codes = fit(model, made, seed=0)
    show = report or (lambda averaged, step: None)
    return Trainer(model, codes, made, options, run, torch.float32, show)


def interrupt(averaged: RQVAE, step: int) -> None:
    raise KeyboardInterrupt


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = trainer(tmp_path / "whole")
    whole.train()
    with pytest.raises(KeyboardInterrupt):
        trainer(tmp_path / "parts", report=interrupt).train()
    second = trainer(tmp_path / "parts")
    second.resume()
    assert second.step == 3
    second.train()
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, second.average.state_dict()[name]), name


def test_only_the_decoder_learns_and_it_does(tmp_path: Path) -> None:
    figures: list[float] = []

    def measure(averaged: RQVAE, step: int) -> None:
        output = averaged.decode(made._codes)
        target = made._pictures.permute(0, 3, 1, 2) / 127.5 - 1
        figures.append(float(reconstruction_loss(output, target)))

    options = TrainOptions(steps=120, batch=8, lr=4e-3, warmup=5, ema=0.9, save_every=40)
    made = trainer(tmp_path, options, measure)
    before = {name: value.clone() for name, value in made.model.state_dict().items()}
    made.train()
    after = made.model.state_dict()
    moved = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert {name.split(".")[0] for name in moved} == {"decoder", "post_quant_conv"}
    assert len(figures) == 3
    assert figures[-1] < 0.8 * figures[0]


def test_the_loss_sees_edges() -> None:
    flat = torch.zeros(1, 4, 8, 8)
    ramp, comb = flat + 0.5, flat.clone()
    comb[..., ::2] = 1.0
    assert float(reconstruction_loss(flat, flat)) == 0
    assert float(reconstruction_loss(comb, flat)) > float(reconstruction_loss(ramp, flat))
