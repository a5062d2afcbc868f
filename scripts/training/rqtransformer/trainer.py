"""The training loop of the embedded RQ-Transformer: resumable, every batch given by the step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from scripts.training.common import (
    Progress,
    cosine,
    load_checkpoint,
    save_checkpoint,
)
from scripts.training.muon import Muon
from scripts.training.rqtransformer.batches import Batch, LayerBatches, some_positions
from songdalle_core.imagegen.model.rqtransformer import RQTransformer
from songdalle_core.imagegen.model.rqvae import Quantizer

DEPTH_WEIGHTS = (1.6, 1.0, 0.7, 0.7)  # the first code of a position leads the others
VALIDATED = 32  # layers at a time


@dataclass(frozen=True)
class TrainOptions:
    """Length, pace and bookkeeping of a run; `steps` fixes the schedule, so keep it on resuming.

    Attributes:
        positions: those of a layer that the head learns from, 0 for all.
        ema: decay of the averaged weights, which are those that are measured and exported.
    """

    steps: int = 3000
    batch: int = 32
    positions: int = 24
    lr: float = 1.5e-3
    warmup: int = 100
    ema: float = 0.995
    save_every: int = 250


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


def optimizers(model: RQTransformer, lr: float) -> tuple[torch.optim.AdamW, Muon]:
    """AdamW for embeddings, classifier, norms and biases; Muon for the blocks' matrices.

    From one checkpoint, 100 steps with Muon brought as much as 250 with AdamW alone.
    """
    named = list(model.named_parameters())
    inner = {name for name, p in named if p.ndim == 2 and ".blocks." in name}
    rest = [p for name, p in named if name not in inner]
    return (
        torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.95), weight_decay=0.03),
        Muon([p for name, p in named if name in inner], lr=lr, weight_decay=0.03),
    )


class Trainer:
    """Owns the model, its running average, the optimizers and the step.

    Args:
        run: folder of the checkpoint.
        dtype: of the products; the weights stay in single precision.
        report: called after each checkpoint with (averaged model, step, what it knows).
    """

    def __init__(
        self,
        model: RQTransformer,
        batches: LayerBatches,
        options: TrainOptions,
        run: Path,
        dtype: torch.dtype,
        report: Callable[[RQTransformer, int, Memory], None],
    ) -> None:
        self.model, self.step = model, 0
        self.average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(options.ema))
        self._batches, self._options, self._run = batches, options, run
        self._dtype, self._report = dtype, report
        self._device = next(model.parameters()).device
        self._optimizers = optimizers(model, options.lr)
        weights = torch.tensor(DEPTH_WEIGHTS, device=self._device)
        self._weights = weights / sum(DEPTH_WEIGHTS)

    @property
    def checkpoint(self) -> Path:
        """File a run resumes from."""
        return self._run / "checkpoint.pt"

    def resume(self) -> None:
        """Continue from the checkpoint as if the run had never stopped."""
        state = load_checkpoint(self.checkpoint)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step = state["step"]

    def train(self) -> None:
        """Train to the end, saving and measuring on the way."""
        options = self._options
        progress = Progress(options.steps, options.batch, unit="layers")
        while self.step < options.steps:
            figures = self._advance()
            self.average.update_parameters(self.model)
            progress.update(self.step - 1, **figures)
            if self.step % options.save_every == 0 or self.step == options.steps:
                self._save()
                self._measure()

    def _advance(self) -> dict[str, float]:
        """One step; its figures."""
        options = self._options
        rate = cosine(self.step, options.steps, options.lr, options.warmup)
        for group in (group for optimizer in self._optimizers for group in optimizer.param_groups):
            group["lr"] = rate
        first = self.step * options.batch
        places = range(first, first + options.batch)
        batch = self._batches.get(places)
        positions, count = None, batch.codes.shape[1]
        if 0 < options.positions < count:
            positions = some_positions(places, count, options.positions).to(batch.codes.device)
        with torch.autocast(self._device.type, self._dtype, enabled=self._dtype != torch.float32):
            losses = depth_losses(self.model, self._batches.quantizer, batch, positions)
        self.model.zero_grad()
        (losses * self._weights).sum().backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self._optimizers:
            optimizer.step()
        self.step += 1
        by_depth = {f"depth{d}": float(x) for d, x in enumerate(losses.detach())}
        return {**by_depth, "norm": float(norm.detach())}

    def _save(self) -> None:
        save_checkpoint(
            self.checkpoint,
            model=self.model.state_dict(),
            average=self.average.state_dict(),
            optimizers=[optimizer.state_dict() for optimizer in self._optimizers],
            step=self.step,
        )

    def _measure(self) -> None:
        averaged = self.average.module
        assert isinstance(averaged, RQTransformer)
        self._report(averaged, self.step, measure(averaged, self._batches))
