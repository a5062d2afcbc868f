"""Training that keeps a running average of the weights: what is measured and exported is the average."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from scripts.training.checkpoint import Checkpoint, Stateful
from scripts.training.common import Progress, cosine

Model = TypeVar("Model", bound=nn.Module)
CHECKPOINT = "checkpoint.pt"
LARGEST_NORM = 1.0
"""Gradients are scaled down to this length."""


@dataclass(frozen=True)
class Pace:
    """Length, pace and bookkeeping of a run; `steps` fixes the schedule, so keep it on resuming.

    Attributes:
        batch: layers a step.
        lr: the peak learning rate.
        warmup: steps to it.
        ema: decay of the averaged weights.
        save_every: steps between checkpoints.
        dtype: of the products; the weights stay in single precision.
    """

    steps: int
    batch: int
    lr: float = 1.5e-3
    warmup: int = 100
    ema: float = 0.995
    save_every: int = 250
    dtype: torch.dtype = torch.float32


class AveragedTrainer(ABC, Generic[Model]):
    """Owns the model, its running average, the optimizers and the step.

    Args:
        model: what is trained.
        optimizers: by the name they have in the checkpoint.
        pace: see there.
        run: folder of the checkpoint.
        report: called after each checkpoint with the averaged model and the step.
    """

    def __init__(
        self,
        model: Model,
        optimizers: Mapping[str, torch.optim.Optimizer],
        pace: Pace,
        run: Path,
        report: Callable[[Model, int], None],
    ) -> None:
        self.model, self.step = model, 0
        self.average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(pace.ema))
        self.device = next(model.parameters()).device
        parts: dict[str, Stateful] = {"model": model, "average": self.average, **optimizers}
        self.checkpoint = Checkpoint(run / CHECKPOINT, parts)
        self._pace, self._report = pace, report
        self._optimizers = list(optimizers.values())
        self._trained = [p for o in self._optimizers for g in o.param_groups for p in g["params"]]

    def resume(self) -> None:
        """Continue from the checkpoint as if the run had never stopped."""
        self.step = self.checkpoint.load()["step"]

    def train(self) -> None:
        """Train to the end, saving and measuring on the way."""
        pace = self._pace
        progress = Progress(pace.steps, pace.batch, unit="layers")
        while self.step < pace.steps:
            figures = self._advance()
            self.average.update_parameters(self.model)
            progress.update(self.step - 1, **figures)
            if self.step % pace.save_every == 0 or self.step == pace.steps:
                self.checkpoint.save(self.step)
                self._report(cast(Model, self.average.module), self.step)

    @abstractmethod
    def _loss(self, places: range) -> tuple[Tensor, dict[str, float]]:
        """The loss of the examples at these places of an endless series, and the figures to show."""

    def _advance(self) -> dict[str, float]:
        """One step; its figures."""
        pace = self._pace
        for group in (group for optimizer in self._optimizers for group in optimizer.param_groups):
            group["lr"] = cosine(self.step, pace.steps, pace.lr, pace.warmup)
        first = self.step * pace.batch
        with torch.autocast(self.device.type, pace.dtype, enabled=pace.dtype != torch.float32):
            loss, figures = self._loss(range(first, first + pace.batch))
        for optimizer in self._optimizers:
            optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self._trained, LARGEST_NORM)
        for optimizer in self._optimizers:
            optimizer.step()
        self.step += 1
        return {**figures, "norm": float(norm)}
