"""The training loop of the judge: resumable, every draw given by (seed, step)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from scripts.training.beside import beside
from scripts.training.checkpoint import Checkpoint, Stateful
from scripts.training.common import Progress, cosine, decayed
from scripts.training.judge.disguises import disguise
from scripts.training.judge.evaluation import HeldOut
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeNet, JudgeShape, judge_loss
from scripts.training.judge.scenes import JudgeScenes

AHEAD = 8  # batches composed early: a few are slow, those that trace new drawings


@dataclass(frozen=True)
class JudgeOptions:
    """Length, pace and bookkeeping of a run; a resumed run keeps them."""

    steps: int = 4200
    batch: int = 128
    lr: float = 3e-3
    warmup: int = 200
    weight_decay: float = 0.02
    seed: int = 77
    save_seconds: float = 240.0
    evaluate_every: int = 500


class JudgeTrainer:
    """Owns the network, its optimizer and the step; the run folder holds the checkpoint."""

    def __init__(
        self,
        labels: Labels,
        shape: JudgeShape,
        options: JudgeOptions,
        held_out: HeldOut,
        run: Path,
    ) -> None:
        torch.manual_seed(options.seed)
        self.model = JudgeNet(labels.sizes, shape).to(memory_format=torch.channels_last)
        self.labels, self.step = labels, 0
        self.history: list[dict[str, float]] = []
        self._options, self._held_out = options, held_out
        groups = decayed(self.model.parameters(), options.weight_decay)
        self._optimizer = torch.optim.AdamW(groups, lr=options.lr)
        parts: dict[str, Stateful] = {"model": self.model, "optimizer": self._optimizer}
        identity = {"steps": options.steps, "seed": options.seed, "batch": options.batch}
        self.checkpoint = Checkpoint(run / "checkpoint.pt", parts, identity)

    def resume(self) -> None:
        """Continue from the checkpoint as if the run had never stopped.

        Raises:
            ValueError: the checkpoint belongs to a run of another length, seed or batch.
        """
        state = self.checkpoint.load()
        self.step, self.history = state["step"], state["history"]

    def train(self, art: Path, sets: tuple[str, ...], until: int | None = None) -> None:
        """Train up to step `until` (default: the end), saving and measuring on the way."""
        options = self._options
        last = options.steps if until is None else min(until, options.steps)
        if self.step >= last:
            return
        scenes = JudgeScenes(art, sets, self.labels, options.batch, self.step)
        progress = Progress(options.steps, options.batch, self.step)
        saved = time.monotonic()
        losses: list[float] = []
        for images, targets in beside(scenes, AHEAD):
            loss = self._advance(images, targets)
            losses.append(loss)
            progress.update(self.step - 1, loss=loss)
            if self.step % options.evaluate_every == 0 or self.step == options.steps:
                self._measure(sum(losses) / len(losses))
                losses, saved = [], 0.0  # keep the figures that were just measured
            if time.monotonic() - saved > options.save_seconds or self.step == last:
                self.checkpoint.save(self.step, history=self.history)
                saved = time.monotonic()
            if self.step == last:
                return

    def _advance(self, images: torch.Tensor, targets: torch.Tensor) -> float:
        options = self._options
        for group in self._optimizer.param_groups:
            group["lr"] = cosine(self.step, options.steps, options.lr, options.warmup, floor=0.01)
        generator = torch.Generator().manual_seed(options.seed * 1_000_003 + self.step)
        pixels = disguise(images, generator).contiguous(memory_format=torch.channels_last)
        self.model.train()
        loss = judge_loss(self.model(pixels), targets)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
        self._optimizer.step()
        self.step += 1
        return float(loss.detach())

    def _measure(self, loss: float) -> None:
        figures = self._held_out.measure(self.model)
        self.history.append({"step": self.step, "loss": round(loss, 4), **figures})
        print(json.dumps(self.history[-1]), flush=True)
