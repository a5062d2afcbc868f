"""The training loop of the embedded CLIP: resumable, every draw given by (seed, step)."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from scripts.training.checkpoint import Checkpoint
from scripts.training.clip.attributes import Attributes
from scripts.training.clip.batches import Batches, degrade
from scripts.training.clip.evaluation import HeldOut
from scripts.training.common import Progress, cosine, decayed

LARGEST_SCALE = 100.0
"""Upper bound of the logit scale (Radford et al., 2021, section 2.5)."""

ATTRIBUTES = 2.0
"""Weight of what pictures show beside the contrastive loss: ranking leans on it most."""


@dataclass(frozen=True)
class TrainOptions:
    """Length, pace and bookkeeping of a run; `steps` fixes the schedule, so keep it on resuming.

    Attributes:
        image_pace: learning rate of the image tower, as a multiple of `lr`: convolutions with batch norm
            learn faster and bear more than a transformer.
        scale_pace: that of the logit scales, which are logarithms and have a long way to go.
    """

    steps: int = 3000
    lr: float = 1e-3
    image_pace: float = 2.5
    scale_pace: float = 20.0
    warmup: int = 200
    weight_decay: float = 0.05
    seed: int = 0
    save_seconds: float = 240.0
    evaluate_every: int = 500


def contrastive_loss(images: Tensor, texts: Tensor, scale: Tensor, same: Tensor) -> Tensor:
    """Symmetric InfoNCE over unit features (B, D).

    Args:
        images: features of the pictures.
        texts: features of the captions.
        scale: logit scale, a scalar.
        same: int64 (B,), equal numbers for equal captions: such pairs are no negatives.
    """
    logits = scale * images @ texts.T  # (image, text)
    equal = same[:, None] == same[None, :]
    equal.fill_diagonal_(False)
    logits = logits.masked_fill(equal, float("-inf"))
    target = torch.arange(len(logits))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def parameter_groups(
    model: Any, attributes: Attributes, options: TrainOptions
) -> list[dict[str, Any]]:
    """The parameters by the pace and decay they are trained with."""
    pictures = list(model.visual.parameters())
    scales = [model.logit_scale, *attributes.scales.parameters()]
    apart = {id(parameter) for parameter in (*pictures, *scales)}
    words = [p for p in model.parameters() if id(p) not in apart]
    return [
        *decayed(pictures, options.weight_decay, options.image_pace),
        *decayed(words, options.weight_decay),
        *decayed(attributes.points.parameters(), 0.0),
        *decayed(scales, 0.0, options.scale_pace),
    ]


class Trainer:
    """Owns the model, its optimizer and the step; the run folder holds checkpoint and figures."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        attributes: Attributes,
        batches: Batches,
        held_out: HeldOut,
        options: TrainOptions,
        run: Path,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.attributes = attributes
        self.step = 0
        self.history: list[dict[str, float]] = []
        self._batches = batches
        self._held_out = held_out
        self._options = options
        groups = parameter_groups(model, attributes, options)
        self._optimizer = torch.optim.AdamW(groups, lr=options.lr, betas=(0.9, 0.98), eps=1e-6)
        parts = {"model": model, "attributes": attributes, "optimizer": self._optimizer}
        identity = {"steps": options.steps, "seed": options.seed}
        self.checkpoint = Checkpoint(run / "checkpoint.pt", parts, identity)

    def resume(self) -> None:
        """Continue from the checkpoint as if the run had never stopped.

        Raises:
            ValueError: the checkpoint belongs to a run of other length or seed.
        """
        state = self.checkpoint.load()
        self.step, self.history = state["step"], state["history"]

    def train(self, until: int | None = None) -> None:
        """Train up to step `until` (default: the end), saving and measuring on the way."""
        options = self._options
        last = options.steps if until is None else min(until, options.steps)
        progress = Progress(options.steps, self._batches.plan.batch, self.step)
        saved = time.monotonic()
        losses: list[float] = []
        while self.step < last:
            figures = self._advance()
            losses.append(figures["loss"])
            progress.update(self.step - 1, **figures)
            if self.step % options.evaluate_every == 0 or self.step == options.steps:
                self._evaluate(sum(losses) / len(losses))
                losses = []
                saved = 0.0  # keep the figures that were just measured
            if time.monotonic() - saved > options.save_seconds or self.step == last:
                self.checkpoint.save(self.step, history=self.history)
                saved = time.monotonic()

    def _advance(self) -> dict[str, float]:
        options = self._options
        rate = cosine(self.step, options.steps, options.lr, options.warmup)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["pace"]
        batch = self._batches[self.step]
        generator = torch.Generator().manual_seed(options.seed * 1_000_003 + self.step)
        pixels = degrade(batch.images, generator).contiguous(memory_format=torch.channels_last)
        self.model.train()
        images, texts, scale = self.model(pixels, batch.tokens)
        loss = contrastive_loss(images, texts, scale, batch.texts)
        shown = self.attributes(images, texts, self.attributes.targets(batch.fields))
        self._optimizer.zero_grad()
        (loss + ATTRIBUTES * shown).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        with torch.no_grad():
            for logarithm in (self.model.logit_scale, *self.attributes.scales.parameters()):
                logarithm.clamp_(max=math.log(LARGEST_SCALE))
        self.step += 1
        return {
            "loss": float(loss.detach()),
            "attributes": float(shown.detach()),
            "scale": float(scale.detach()),
        }

    def _evaluate(self, loss: float) -> None:
        figures = self._held_out.measure(self.model, self.tokenizer)
        self.history.append({"step": self.step, "loss": round(loss, 4), **figures})
        print(json.dumps(self.history[-1]), flush=True)
