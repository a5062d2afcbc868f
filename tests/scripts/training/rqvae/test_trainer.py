from __future__ import annotations

from pathlib import Path

import torch

from scripts.training.averaged import Pace
from scripts.training.rqvae.closed_form import fit
from scripts.training.rqvae.trainer import Trainer, reconstruction_loss
from songdalle_core.imagegen.model.rqvae import RQVAE
from tests.scripts.training.rqvae.small import pictures, small_rqvae


def test_only_the_decoder_learns_and_it_does(tmp_path: Path) -> None:
    figures: list[float] = []

    def measure(averaged: RQVAE, step: int) -> None:
        target = made.permute(0, 3, 1, 2) / 127.5 - 1
        output = averaged.decode(codes)
        figures.append(float(reconstruction_loss(output, target)))

    pace = Pace(steps=120, batch=8, lr=4e-3, warmup=5, ema=0.9, save_every=40)
    model, made = small_rqvae(), pictures(8)
    codes = fit(model, made, seed=0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    Trainer(model, codes, made, pace, tmp_path, measure).train()
    after = model.state_dict()
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
