"""The training loop of the embedded RQ-Transformer: resumable, every batch given by the step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from scripts.training.averaged import AveragedTrainer, Pace
from scripts.training.muon import Muon
from scripts.training.rqtransformer.batches import Batch, LayerBatches, some_positions
from songdalle_core.imagegen.model.rqtransformer import RQTransformer
from songdalle_core.imagegen.model.rqvae import Quantizer

PACE = Pace(steps=2900, batch=32)
POSITIONS = 24  # of a layer, that the head learns from at a step
DEPTH_WEIGHTS = (1.6, 1.0, 0.7, 0.7)  # the first code of a position leads the others
VALIDATED = 32  # layers at a time


@dataclass(frozen=True)
class Memory:
    """How well a model knows the layers that it learns.

    Attributes:
        nats: mean cross-entropy of a code, by depth.
        exact: share of the layers that it draws code for code when every code is the likeliest.
        nearly: share with at most four wrong cells.
    """

    nats: list[float]
    exact: float
    nearly: float


def depth_losses(
    model: RQTransformer, quantizer: Quantizer, batch: Batch, positions: Tensor | None = None
) -> Tensor:
    """Mean cross-entropy in nats a code for each depth (D,).

    Args:
        positions: those of each layer (B, N) whose codes the head predicts; None for all. The head takes
            more than half of a step, and neighbouring positions teach it much the same.
    """
    codes, texts = batch.codes, batch.texts
    contexts = model.contexts(codes, batch.read, texts)
    if positions is not None:
        rows = torch.arange(len(codes), device=codes.device)[:, None]
        contexts, codes = contexts[rows, positions], codes[rows, positions]
    logits = model.logits(contexts, codes, quantizer.embed(codes))
    losses = F.cross_entropy(logits.flatten(0, -2).float(), codes.flatten(), reduction="none")
    return losses.view(-1, codes.shape[-1]).mean(dim=0)


@torch.no_grad()
def measure(model: RQTransformer, batches: LayerBatches) -> Memory:
    """What the model knows of all layers.

    Where the likeliest code is the true one at every place of a layer read truly, drawing greedily gives it.
    """
    model.eval()
    losses, wrong = [], []
    for start in range(0, len(batches.codes), VALIDATED):
        batch = batches.whole(slice(start, start + VALIDATED))
        logits = model(batch.codes, batch.read, batch.texts)
        nats = F.cross_entropy(logits.flatten(0, -2), batch.codes.flatten(), reduction="none")
        losses.append(nats.view(-1, batch.codes.shape[-1]))
        wrong.append((logits.argmax(dim=-1) != batch.codes).any(dim=-1).sum(dim=1))
    model.train()
    cells = torch.cat(wrong)
    by_depth = [round(float(x), 4) for x in torch.cat(losses).mean(dim=0)]
    shares = [round(float((cells <= most).float().mean()), 4) for most in (0, 4)]
    return Memory(by_depth, *shares)


def optimizers(model: RQTransformer, lr: float) -> dict[str, torch.optim.Optimizer]:
    """By name: AdamW for embeddings, classifier, norms and biases; Muon for the blocks' matrices.

    From one checkpoint, 100 steps with Muon brought as much as 250 with AdamW alone.
    """
    named = list(model.named_parameters())
    inner = {name for name, p in named if p.ndim == 2 and ".blocks." in name}
    rest = [p for name, p in named if name not in inner]
    matrices = [p for name, p in named if name in inner]
    return {
        "adamw": torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.95), weight_decay=0.03),
        "muon": Muon(matrices, lr=lr, weight_decay=0.03),
    }


class Trainer(AveragedTrainer[RQTransformer]):
    """Trains all weights on layers; see `AveragedTrainer`.

    Args:
        positions: those of a layer that the head learns from, 0 for all.
        report: called after each checkpoint with (averaged model, step, what it knows).
    """

    def __init__(
        self,
        model: RQTransformer,
        batches: LayerBatches,
        pace: Pace,
        positions: int,
        run: Path,
        report: Callable[[RQTransformer, int, Memory], None],
    ) -> None:
        def measured(averaged: RQTransformer, step: int) -> None:
            report(averaged, step, measure(averaged, batches))

        super().__init__(model, optimizers(model, pace.lr), pace, run, measured)
        self._batches, self._positions = batches, positions
        weights = torch.tensor(DEPTH_WEIGHTS, device=self.device)
        self._weights = weights / sum(DEPTH_WEIGHTS)

    def _loss(self, places: range) -> tuple[Tensor, dict[str, float]]:
        batch = self._batches.get(places)
        positions, count = None, batch.codes.shape[1]
        if 0 < self._positions < count:
            positions = some_positions(places, count, self._positions).to(self.device)
        losses = depth_losses(self.model, self._batches.quantizer, batch, positions)
        by_depth = {f"depth{d}": float(x) for d, x in enumerate(losses.detach())}
        return (losses * self._weights).sum(), by_depth
