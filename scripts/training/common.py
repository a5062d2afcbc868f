"""What the training scripts share: learning rates, progress, histories."""

from __future__ import annotations

import ctypes
import json
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

HELD_OUT = 10_000_000  # scene seeds from here on are never trained on


def keep_memory() -> bool:
    """Have freed memory kept for the next step instead of being given back; a training step is 17% faster.

    By default glibc maps every large tensor anew, and the kernel clears its pages. Returns whether the C
    library has the setting.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    most = 2**31 - 1
    options = ((_TRIM_THRESHOLD, most), (_MMAP_MAX, 0), (_TOP_PAD, 2**28))
    return all(set_option(option, value) == 1 for option, value in options)


_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # mallopt(3)


def cosine(step: int, steps: int, peak: float, warmup: int, floor: float = 0.05) -> float:
    """Learning rate at `step`: linear warm-up, then half a cosine down to `floor * peak`."""
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, steps - warmup))
    return peak * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress)))


@dataclass
class Progress:
    """Prints step, averaged figures, rate and time left.

    Attributes:
        unit: what a batch holds.
        every: seconds from one line to the next, or
        interval: steps, if it is not 0.
    """

    steps: int
    batch: int
    first_step: int = 0
    every: float = 20.0
    unit: str = "images"
    interval: int = 0
    _sums: dict[str, float] = field(default_factory=dict)
    _count: int = 0
    _since: float = field(default_factory=time.monotonic)

    def update(self, step: int, **figures: float) -> None:
        """Add a step's figures; print when it is time or the last step is done."""
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1
        elapsed = time.monotonic() - self._since
        due = (step + 1) % self.interval == 0 if self.interval else elapsed >= self.every
        if not due and step + 1 < self.steps:
            return
        rate = self._count / max(elapsed, 1e-9)
        left = (self.steps - step - 1) / rate
        means = "  ".join(f"{n} {v / self._count:.4f}" for n, v in self._sums.items())
        print(
            f"step {step + 1}/{self.steps}  {means}  {rate * self.batch:.1f} {self.unit}/s"
            f"  {left / 60:.0f} min left",
            flush=True,
        )
        self._sums, self._count, self._since = {}, 0, time.monotonic()


HISTORY = "history.jsonl"


def remember(folder: Path, step: int, figures: dict[str, float]) -> None:
    """Add a measure to the run's `history.jsonl`; what an interrupted run had measured later goes."""
    rows = [row for row in recall(folder) if row["step"] < step]
    lines = [json.dumps(row) + "\n" for row in [*rows, {"step": step, **figures}]]
    (folder / HISTORY).write_text("".join(lines), encoding="utf-8")


def recall(folder: Path) -> list[dict[str, float]]:
    """The run's measures so far, in the order of their steps."""
    path = folder / HISTORY
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def decayed(
    parameters: Iterable[nn.Parameter], decay: float, pace: float = 1.0
) -> list[dict[str, Any]]:
    """Parameter groups of what is trained: weight decay for matrices and kernels only.

    Args:
        pace: stands in the groups, for trainers that multiply the learning rate by it.
    """
    trained = [p for p in parameters if p.requires_grad]
    return [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": decay, "pace": pace},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0, "pace": pace},
    ]
