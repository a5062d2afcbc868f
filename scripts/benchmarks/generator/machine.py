"""What the machine can do at best, measured in the same run, and what a set of pictures asks of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from songdalle_core.imagegen.model.generator import Generator


@dataclass(frozen=True)
class Limits:
    """Rates of the machine: large matrix products in GFLOP/s, and reading of memory in GB/s."""

    gflops: float
    gigabytes_per_second: float


def measure_limits() -> Limits:
    """The best of several tries, with PyTorch's threads as they are set."""
    side = 1024
    a, b = torch.randn(side, side), torch.randn(side, side)
    large = torch.randn(64 * 2**20)  # 256 MB: no cache holds it
    product = _best(lambda: a @ b, tries=12)
    reading = _best(lambda: large.sum(), tries=5)
    return Limits(2 * side**3 / product / 1e9, large.nbytes / reading / 1e9)


def least_seconds(generator: Generator, candidates: int, limits: Limits) -> float:
    """Time that the transformer's products alone would take at the machine's best rate.

    Per position and row two operations a weight of the body, and D times of the head and the classifier;
    text and decoder are left out. The weights have to come from memory at least once a step.
    """
    model, config = generator.transformer, generator.transformer.config
    body = sum(p.numel() for p in model.body_transformer.parameters())
    head = sum(p.numel() for p in model.head_transformer.parameters())
    head += sum(p.numel() for p in model.classifier.linear.parameters())
    rows = candidates * (2 if generator.guided else 1)
    operations = 2 * rows * config.positions * (body + config.depth * head)
    traffic = 4 * config.positions * (body + config.depth * head)
    return max(
        operations / (limits.gflops * 1e9),
        traffic / (limits.gigabytes_per_second * 1e9) if 4 * (body + head) > 2**25 else 0.0,
    )


def _best(work: Callable[[], object], tries: int) -> float:
    seconds = []
    for _ in range(tries):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)
