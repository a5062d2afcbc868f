"""What the training scripts share: schedules, progress, resumable checkpoints."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

HELD_OUT = 10_000_000  # scene seeds from here on are never trained on


def cosine(step: int, steps: int, peak: float, warmup: int, floor: float = 0.05) -> float:
    """Learning rate at `step`: linear warm-up, then half a cosine down to `floor * peak`."""
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, steps - warmup))
    return peak * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress)))


def save_checkpoint(path: Path, **state: Any) -> None:
    """Write a checkpoint so that a cut-off write never replaces a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The state of `save_checkpoint`, on the CPU."""
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


@dataclass
class Progress:
    """Prints one line every `every` seconds: step, averaged figures, rate and time left."""

    steps: int
    batch: int
    first_step: int = 0
    every: float = 20.0
    _sums: dict[str, float] = field(default_factory=dict)
    _count: int = 0
    _since: float = field(default_factory=time.monotonic)

    def update(self, step: int, **figures: float) -> None:
        """Add a step's figures; print when it is time or the last step is done."""
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1
        elapsed = time.monotonic() - self._since
        if elapsed < self.every and step + 1 < self.steps:
            return
        rate = self._count / max(elapsed, 1e-9)
        left = (self.steps - step - 1) / rate
        means = "  ".join(f"{n} {v / self._count:.4f}" for n, v in self._sums.items())
        print(
            f"step {step + 1}/{self.steps}  {means}  {rate * self.batch:.1f} images/s"
            f"  {left / 60:.0f} min left",
            flush=True,
        )
        self._sums, self._count, self._since = {}, 0, time.monotonic()
