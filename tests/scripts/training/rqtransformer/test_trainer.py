from __future__ import annotations

from pathlib import Path

import pytest
import torch

from scripts.training.averaged import Pace
from scripts.training.rqtransformer.batches import LayerBatches
from scripts.training.rqtransformer.trainer import (
    Memory,
    Trainer,
    depth_losses,
    measure,
)
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from tests.scripts.training.rqvae.small import small_rqvae


def batches() -> LayerBatches:
    codes = torch.randint(0, 40, (6, 16, 2), generator=torch.Generator().manual_seed(3))
    return LayerBatches(codes, torch.arange(12).view(6, 2), small_rqvae().quantizer)


def model() -> RQTransformer:
    torch.manual_seed(0)
    stack = StackConfig(n_layer=1, n_head=2)
    made = RQTransformer(
        RQTransformerConfig((4, 4, 2), 40, 12, 2, 32, 24, stack, stack, shared_cls_emb=False)
    )
    made.initialise()
    return made


@pytest.fixture(autouse=True)
def _weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two depths instead of four."""
    monkeypatch.setattr("scripts.training.rqtransformer.trainer.DEPTH_WEIGHTS", (1.6, 1.0))


def test_layers_are_learnt_by_heart(tmp_path: Path) -> None:
    known: list[Memory] = []
    pace = Pace(steps=400, batch=6, lr=5e-3, warmup=5, save_every=200)
    show = lambda averaged, step, memory: known.append(memory)  # noqa: E731
    Trainer(model(), batches(), pace, 0, tmp_path, show).train()
    assert len(known) == 2
    assert sum(known[1].nats) < sum(measure(model(), batches()).nats) / 3
    assert known[1].nearly > 0.7


def test_the_loss_of_some_positions_is_that_of_their_codes() -> None:
    made, layers = model(), batches()
    batch = layers.whole(slice(0, 2))
    parts = [
        depth_losses(made, layers.quantizer, batch, positions)
        for positions in (None, torch.arange(8).expand(2, -1), torch.arange(8, 16).expand(2, -1))
    ]
    assert torch.allclose(parts[0], (parts[1] + parts[2]) / 2, atol=1e-4)
