"""The training loop of the judge: resumable, every draw given by (seed, step)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from scripts.training.common import Progress, cosine, decayed, load_checkpoint, save_checkpoint
from scripts.training.judge.disguises import disguise
from scripts.training.judge.evaluation import HeldOut
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeNet, JudgeShape, judge_loss
from scripts.training.judge.scenes import JudgeScenes, loader


@dataclass(frozen=True)
class JudgeOptions:
    """Length, pace and bookkeeping of a run; a resumed run keeps them."""

    steps: int = 6000
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
        self._options, self._held_out, self._run = options, held_out, run
        groups = decayed(self.model.parameters(), options.weight_decay)
        self._optimizer = torch.optim.AdamW(groups, lr=options.lr)

    @property
    def checkpoint(self) -> Path:
        """File a run resumes from."""
        return self._run / "checkpoint.pt"

    def resume(self) -> None:
        """Continue from the checkpoint as if the run had never stopped.

        Raises:
            ValueError: the checkpoint belongs to a run of another length, seed or batch.
        """
        state = load_checkpoint(self.checkpoint)
        for name, value in self._identity().items():
            if state[name] != value:
                raise ValueError(
                    f"{self.checkpoint} was made with {name} {state[name]}, not {value}: "
                    "give the same one, or another run folder"
                )
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
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
        for images, targets in loader(scenes):
            loss = self._advance(images, targets)
            losses.append(loss)
            progress.update(self.step - 1, loss=loss)
            if self.step % options.evaluate_every == 0 or self.step == options.steps:
                self._measure(sum(losses) / len(losses))
                losses, saved = [], 0.0  # keep the figures that were just measured
            if time.monotonic() - saved > options.save_seconds or self.step == last:
                self._save()
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

    def _identity(self) -> dict[str, int]:
        options = self._options
        return {"steps": options.steps, "seed": options.seed, "batch": options.batch}

    def _save(self) -> None:
        save_checkpoint(
            self.checkpoint,
            model=self.model.state_dict(),
            optimizer=self._optimizer.state_dict(),
            step=self.step,
            history=self.history,
            **self._identity(),
        )
