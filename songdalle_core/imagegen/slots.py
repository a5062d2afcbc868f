"""Slots: the rows of a group's caches, and the candidates being drawn in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from songdalle_core.imagegen.requests import Job
from songdalle_core.imagegen.runtimes import Program
from songdalle_core.imagegen.sampling import Filters, SamplingOptions, uniforms
from songdalle_core.imagegen.stepping import SpatialStep

IDLE = SamplingOptions(top_k=1)  # rows without a slot draw on at position 0, and nobody looks


@dataclass(eq=False)
class Slot:
    """One candidate being drawn, at row `index` of its group."""

    index: int
    job: Job
    candidate: int
    position: int = 0
    shown_at: frozenset[int] = frozenset()  # positions after which it is to be looked at


class StepInputs(NamedTuple):
    """What `SpatialStep.forward` reads, but the cache."""

    previous: Tensor
    position: Tensor
    started: Tensor
    draws: Tensor
    temperature: Tensor
    top_k: Tensor
    top_p: Tensor
    guidance: Tensor

    @classmethod
    def idle(cls, step: SpatialStep) -> StepInputs:
        """Inputs of a group without slots, on the step's device."""
        config, width, device = step.config, step.width, step.pos_emb_d.device
        dtype = step.pos_emb_d.dtype
        tensors = (
            torch.zeros(width, config.depth, dtype=torch.int64),
            torch.zeros(width, dtype=torch.int64),
            torch.zeros(step.rows, config.embed_dim, dtype=dtype),
            torch.zeros(width, config.depth),
            *Filters.of([IDLE] * width, config.vocab_size),
        )
        return cls(*(tensor.to(device) for tensor in tensors))


class Group:
    """`width` slots that step together.

    Args:
        step: the module that `programs` run.
        programs: the step compiled for each number of ranks; see `sampling.sample`.
        no_text: context and prefix of the rows without text, where the model is guided.
    """

    def __init__(
        self, step: SpatialStep, programs: dict[int, Program], no_text: tuple[Tensor, Tensor]
    ) -> None:
        config, width = step.config, step.width
        self.step_module, self.width, self.positions = step, width, config.positions
        self.slots: dict[int, Slot] = {}
        self.free = list(reversed(range(width)))
        self.codes = torch.zeros(width, config.positions, config.depth, dtype=torch.int64)
        self.inputs, self.cache = StepInputs.idle(step), step.empty_cache()
        self._draws = torch.zeros(width, config.positions, config.depth)
        self._rows = torch.arange(step.rows)
        self._programs = {
            ranks: program.bind([*self.inputs, *self.cache]) for ranks, program in programs.items()
        }
        for row in range(width, step.rows):
            self._place_text(row, no_text)

    def occupy(self, slot: Slot, text: tuple[Tensor, Tensor]) -> None:
        """Begin a slot's drawing; `text` is what `SpatialStep.read_text` gave."""
        seed = slot.job.request.seed_of(slot.candidate)
        self.slots[slot.index] = slot
        shown = slot.job.request.preview_positions(slot.candidate, self.positions)
        slot.shown_at = shown | {self.positions}
        self._draws[slot.index] = torch.from_numpy(uniforms(seed, *self._draws.shape[1:]))
        self._place_text(slot.index, text)
        self._set(slot.index, slot.job.request.sampling)

    def release(self, slot: Slot) -> None:
        """Give a slot's row back."""
        del self.slots[slot.index]
        self.free.append(slot.index)
        self.inputs.position[slot.index] = 0
        self._set(slot.index, IDLE)

    @torch.inference_mode()
    def step(self) -> list[Slot]:
        """Draw one position of every slot; those that are finished or to be shown by now."""
        rows, at, position = torch.arange(self.width), self._positions(), self.inputs.position
        self.inputs.draws.copy_(self._draws[rows, at])
        codes, *new = self._programs[self._ranks()]()
        place = self.step_module.place(position).repeat(self.step_module.branches)
        for remembered, fresh in zip(self.cache, new, strict=True):
            remembered[self._rows, :, place] = fresh.squeeze(2)
        self.inputs.previous.copy_(codes)
        self.codes[rows, at] = codes.cpu()  # the step's only wait for the device
        for slot in self.slots.values():
            slot.position += 1
            position[slot.index] = slot.position
        return [slot for slot in self.slots.values() if slot.position in slot.shown_at]

    def _positions(self) -> Tensor:
        slots = (self.slots.get(index) for index in range(self.width))
        return torch.tensor([slot.position if slot else 0 for slot in slots])

    def _ranks(self) -> int:
        """The fewest ranks that serve every slot."""
        vocab_size = self.step_module.config.vocab_size
        needed = [slot.job.request.sampling.ranks(vocab_size) for slot in self.slots.values()]
        return min(ranks for ranks in self._programs if ranks >= max(needed, default=1))

    def _set(self, row: int, options: SamplingOptions) -> None:
        chosen = Filters.of([options], self.step_module.config.vocab_size)
        for column, value in zip(self.inputs[-len(chosen) :], chosen, strict=True):
            column[row] = value[0]

    def _place_text(self, row: int, text: tuple[Tensor, Tensor]) -> None:
        context, prefix = text
        self.inputs.started[row] = context
        length = prefix.shape[3]
        for remembered, part in zip(self.cache, prefix.flatten(0, 1), strict=True):
            remembered[row, :, :length] = part
