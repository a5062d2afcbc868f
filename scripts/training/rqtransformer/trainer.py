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
    HELD_OUT,
    Progress,
    Workers,
    cosine,
    load_checkpoint,
    save_checkpoint,
)
from scripts.training.muon import Muon
from scripts.training.rqtransformer.batches import Batches, some_positions
from songdalle_core.imagegen.model.rqtransformer import RQTransformer
from songdalle_core.imagegen.model.rqvae import RQVAE

DROPPED = 0.1  # share of texts left out in training
DEPTH_WEIGHTS = (1.6, 1.0, 0.7, 0.7)  # the first code of a position carries layout and colour
VALIDATED = 32  # held-out scenes at a time


@dataclass(frozen=True)
class TrainOptions:
    """Length, pace and bookkeeping of a run; `steps` fixes the schedule, so keep it on resuming.

    Attributes:
        first_scene: seed of the first scene; a model that begins with given weights goes on to new ones.
        positions: those of a picture that the head learns from, 0 for all.
        ema: decay of the averaged weights, which are those that are measured and exported.
        eval_scenes: held-out scenes of a measure, a multiple of 32.
    """

    steps: int = 3000
    batch: int = 32
    first_scene: int = 0
    positions: int = 32
    lr: float = 1.5e-3
    warmup: int = 150
    ema: float = 0.995
    save_every: int = 250
    eval_scenes: int = 128


def depth_losses(
    model: RQTransformer,
    rqvae: RQVAE,
    codes: Tensor,
    texts: Tensor,
    positions: Tensor | None = None,
) -> Tensor:
    """Mean cross-entropy in nats a code for each depth (D,).

    Args:
        positions: those of each picture (B, N) whose codes the head predicts; None for all. The head takes
            more than half of a step, and neighbouring positions teach it much the same.
    """
    vectors = rqvae.quantizer.embed(codes)
    contexts = model.contexts(codes, vectors, texts)
    if positions is not None:
        rows = torch.arange(len(codes))[:, None]
        contexts, codes, vectors = (x[rows, positions] for x in (contexts, codes, vectors))
    logits = model.logits(contexts, codes, vectors)
    losses = F.cross_entropy(logits.flatten(0, -2), codes.flatten(), reduction="none")
    return losses.view(-1, codes.shape[-1]).mean(dim=0)


@torch.no_grad()
def validate(model: RQTransformer, batches: Batches, scenes: int) -> list[float]:
    """Held-out cross-entropy by depth."""
    model.eval()
    losses = [
        depth_losses(model, batches.rqvae, *batches.get(range(start, start + VALIDATED), drop=0.0))
        for start in range(HELD_OUT, HELD_OUT + scenes, VALIDATED)
    ]
    model.train()
    return [round(float(x), 4) for x in torch.stack(losses).mean(dim=0)]


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
        workers: this process among those that train together; the leading one averages, reports and saves.
        report: called after each checkpoint with (averaged model, step, held-out nats by depth).
    """

    def __init__(
        self,
        model: RQTransformer,
        batches: Batches,
        options: TrainOptions,
        run: Path,
        workers: Workers,
        report: Callable[[RQTransformer, int, list[float]], None],
    ) -> None:
        self.model, self.step = model, 0
        self.average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(options.ema))
        self._batches, self._options, self._run = batches, options, run
        self._workers, self._report = workers, report
        self._optimizers = optimizers(model, options.lr)
        self._weights = torch.tensor(DEPTH_WEIGHTS) / sum(DEPTH_WEIGHTS)

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
        progress = Progress(options.steps, options.batch)
        while self.step < options.steps:
            figures = self._advance()
            if not self._workers.leads:
                continue
            self.average.update_parameters(self.model)
            progress.update(self.step - 1, **figures)
            if self.step % options.save_every == 0 or self.step == options.steps:
                self._save()
                self._measure()

    def _advance(self) -> dict[str, float]:
        """One step on this worker's share of the batch; its figures."""
        options = self._options
        rate = cosine(self.step, options.steps, options.lr, options.warmup)
        for group in (group for optimizer in self._optimizers for group in optimizer.param_groups):
            group["lr"] = rate
        seeds = self._workers.share(self.step, options.batch, options.first_scene)
        codes, texts = self._batches.get(seeds, DROPPED)
        positions = some_positions(seeds, codes.shape[1], options.positions or codes.shape[1])
        losses = depth_losses(self.model, self._batches.rqvae, codes, texts, positions)
        self.model.zero_grad()
        (losses * self._weights).sum().backward()
        self._workers.average_gradients(self.model.parameters())
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
        self._report(
            averaged, self.step, validate(averaged, self._batches, self._options.eval_scenes)
        )
