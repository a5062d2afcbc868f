"""Fine-tuning of a transformer: epochs, warm-up, clipping, early stop; resumable at any step."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

from scripts.training.checkpoint import Checkpoint, read, write
from scripts.training.common import Progress, cosine, decayed

Item = TypeVar("Item")
FIXED = ("epochs", "batch", "seed")
"""Options that give the schedule and every draw: a run that goes on must keep them."""


@dataclass(frozen=True)
class FinetuneOptions:
    """The original service's setting, but for `epochs`, `patience` and `seed`, which it left open.

    Attributes:
        epochs: most passes over the items.
        batch: items a step.
        lr: peak learning rate.
        warmup_ratio: share of all steps over which the rate rises; then it falls by half a cosine.
        max_grad_norm: longest gradient; longer ones are shortened.
        weight_decay: of matrices; norms and biases have none.
        patience: epochs without a better measure after which training stops; 0 never stops early.
        log_interval: steps from one printed line to the next.
        save_seconds: seconds from one checkpoint to the next within an epoch.
        autocast: compute in bfloat16 where that is safe.
        seed: of order and dropout.
    """

    epochs: int = 10
    batch: int = 8
    lr: float = 5e-5
    warmup_ratio: float = 0.1
    max_grad_norm: float = 1.0
    weight_decay: float = 0.01
    patience: int = 2
    log_interval: int = 200
    save_seconds: float = 240.0
    autocast: bool = False
    seed: int = 0


class Finetuner(Generic[Item]):
    """Trains a model on items, measures it after each epoch and keeps the best weights.

    Args:
        model: in training it is in training mode, measured in evaluation mode.
        items: what is learnt from; each epoch takes them in another order.
        loss: mean loss of a batch; it is given the step, to draw noise from (seed, step).
        evaluate: figures on held-out items.
        monitor: the figure that tells which weights are best; the greater, the better.
        options: pace.
        run: folder of `checkpoint.pt` (to resume), `best.pt` (weights) and `history.json`.
    """

    def __init__(
        self,
        model: Any,
        items: Sequence[Item],
        loss: Callable[[list[Item], int], Tensor],
        evaluate: Callable[[], Mapping[str, float]],
        monitor: str,
        options: FinetuneOptions,
        run: Path,
    ) -> None:
        if not items:
            raise ValueError("there is nothing to train on: give data with more songs")
        self.model = model
        self.options = options
        self.run = run
        self.step = 0
        self.history: list[dict[str, float]] = []
        self._items = items
        self._loss = loss
        self._evaluate = evaluate
        self._monitor = monitor
        self._losses: list[float] = []
        self._optimizer = torch.optim.AdamW(
            decayed(model.parameters(), options.weight_decay),
            lr=options.lr,
            betas=(0.9, 0.999),
            eps=1e-8,
        )
        fixed: dict[str, int] = {name: getattr(options, name) for name in FIXED}
        parts = {"model": model, "optimizer": self._optimizer}
        identity = {**fixed, "songs": len(items)}
        self.checkpoint = Checkpoint(run / "checkpoint.pt", parts, identity)

    @property
    def epoch_steps(self) -> int:
        """Steps of an epoch; the last one may have fewer items."""
        return -(-len(self._items) // self.options.batch)

    @property
    def steps(self) -> int:
        """Steps of all epochs."""
        return self.epoch_steps * self.options.epochs

    @property
    def best(self) -> int:
        """Index in `history` of the best epoch so far."""
        return max(range(len(self.history)), key=lambda i: self.history[i][self._monitor])

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or none of the last `patience` was the best."""
        patience, done = self.options.patience, len(self.history)
        return self.step >= self.steps or bool(
            patience and done and done - 1 - self.best >= patience
        )

    def resume(self) -> None:
        """Continue from the checkpoint as if the run had never stopped.

        Raises:
            ValueError: the checkpoint belongs to a run of other length, order or data.
        """
        state = self.checkpoint.load()
        self.step, self.history, self._losses = state["step"], state["history"], state["losses"]

    def train(self, until: int | None = None) -> None:
        """Train to the end or up to step `until`; then the model has the best epoch's weights."""
        progress = Progress(
            self.steps, self.options.batch, self.step, unit="songs",
            interval=self.options.log_interval,
        )  # fmt: skip
        saved = time.monotonic()
        while not self.finished and (until is None or self.step < until):
            loss = self._advance()
            progress.update(self.step - 1, loss=loss)
            ended = self.step % self.epoch_steps == 0
            if ended:
                self._measure()
            due = time.monotonic() - saved > self.options.save_seconds
            if ended or due or self.step == until:
                self.checkpoint.save(self.step, history=self.history, losses=self._losses)
                saved = time.monotonic()
        if self.finished:
            self.model.load_state_dict(read(self.run / "best.pt")["model"])
            self.model.eval()

    def batch(self, step: int) -> list[Item]:
        """The items of a step, from (seed, epoch)."""
        epoch, number = divmod(step, self.epoch_steps)
        stream = torch.Generator().manual_seed(self.options.seed * 1_000_003 + epoch)
        order = torch.randperm(len(self._items), generator=stream).tolist()
        start = number * self.options.batch
        return [self._items[index] for index in order[start : start + self.options.batch]]

    def _advance(self) -> float:
        options = self.options
        rate = cosine(
            self.step, self.steps, options.lr, round(self.steps * options.warmup_ratio), floor=0
        )
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        torch.manual_seed(options.seed * 1_000_003 + self.step)  # dropout
        self.model.train()
        kind = self.model.device.type
        with torch.autocast(kind, torch.bfloat16, enabled=options.autocast):
            loss = self._loss(self.batch(self.step), self.step)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), options.max_grad_norm)
        self._optimizer.step()
        self.step += 1
        self._losses.append(float(loss.detach()))
        return self._losses[-1]

    def _measure(self) -> None:
        self.model.eval()
        mean = sum(self._losses) / len(self._losses)
        figures = {name: round(value, 4) for name, value in self._evaluate().items()}
        epoch = self.step // self.epoch_steps
        self.history.append({"epoch": epoch, "step": self.step, "loss": round(mean, 4), **figures})
        self._losses = []
        print(json.dumps(self.history[-1]), flush=True)
        if self.best == len(self.history) - 1:
            write(self.run / "best.pt", {"model": self.model.state_dict()})
        text = json.dumps(self.history, indent=2)
        (self.run / "history.json").write_text(text + "\n", encoding="utf-8")


def start_or_resume(trainer: Finetuner[Any], resume: bool) -> None:
    """Take up the run's checkpoint if `resume` is asked for; refuse to write over one otherwise.

    Raises:
        SystemExit: there is a checkpoint, and it was not asked to resume.
        ValueError: the checkpoint is of another run.
    """
    if not trainer.checkpoint.exists():
        return
    if not resume:
        raise SystemExit(f"{trainer.checkpoint} exists: add --resume, or give another --run")
    trainer.resume()
    print(f"resuming at step {trainer.step} of {trainer.steps}", flush=True)
