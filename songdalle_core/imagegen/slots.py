"""Slots: the rows of the engine's caches, and the candidates being drawn in them."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from songdalle_core.imagegen.generator import Generator
from songdalle_core.imagegen.requests import Job
from songdalle_core.imagegen.sampling import Filters, SamplingOptions, uniforms


@dataclass(eq=False)
class Slot:
    """One candidate being drawn, at row `index` of its group."""

    index: int
    job: Job
    candidate: int
    position: int = 0


class Group:
    """`width` slots that step together, and their tensors; rows without a slot idle at position 0."""

    def __init__(self, number: int, width: int, generator: Generator) -> None:
        config = generator.transformer.config
        self.number = number
        self.slots: dict[int, Slot] = {}
        self.free = list(reversed(range(width)))
        self.position = torch.zeros(width, dtype=torch.int64)
        self.codes = torch.zeros(width, config.positions, config.depth, dtype=torch.int64)
        self.draws = torch.zeros(width, config.positions, config.depth)
        self.started = torch.zeros(2 * width, config.embed_dim)  # contexts of position 0
        self.vocab_size = config.vocab_size
        self.filters = self._filters(width)

    def occupy(self, slot: Slot) -> None:
        """Begin a slot's drawing."""
        config = self.draws.shape[1:]
        seed = slot.job.request.seed_of(slot.candidate)
        self.slots[slot.index] = slot
        self.position[slot.index] = 0
        self.draws[slot.index] = torch.from_numpy(uniforms(seed, *config))
        self.filters = self._filters(len(self.position))

    def release(self, slot: Slot) -> None:
        """Give a slot's row back."""
        del self.slots[slot.index]
        self.free.append(slot.index)
        self.position[slot.index] = 0

    def _filters(self, width: int) -> Filters:
        idle = SamplingOptions(top_k=1)
        slots = (self.slots.get(index) for index in range(width))
        return Filters.of([s.job.request.sampling if s else idle for s in slots], self.vocab_size)
