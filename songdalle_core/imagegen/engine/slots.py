"""Slots: the code maps being drawn, each in a row of a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from songdalle_core.imagegen.engine.requests import Job, Part
from songdalle_core.imagegen.model.sampling import uniforms
from songdalle_core.imagegen.runtimes.runtime import Rows


@dataclass(eq=False)
class Slot:
    """One code map being drawn, at row `index` of its group."""

    index: int
    job: Job
    part: Part
    position: int = 0
    shown_at: frozenset[int] = frozenset()  # positions after which it is to be looked at
    kept: np.ndarray | None = None  # bool (L,): positions whose codes are another candidate's


class Group:
    """Slots that step together, in the rows of a model."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.width, self.positions, self._depth = rows.codes.shape
        self.slots: dict[int, Slot] = {}
        self.free = list(reversed(range(self.width)))

    def claim(self, job: Job) -> Slot:
        """A free row for the job's next part, which is drawn from `begin` on."""
        slot = Slot(self.free.pop(), job, job.parts[job.admitted])
        job.admitted += 1
        self.slots[slot.index] = slot
        return slot

    def begin(self, slot: Slot, text: Any) -> None:
        """Begin a claimed slot's drawing; `text` is what `Stepper.read` gave."""
        request = slot.job.request
        candidate, layer = slot.part.candidate, slot.part.layer
        slot.shown_at = request.preview_positions(candidate, self.positions) | {self.positions}
        seed, kept = request.seed_of(candidate), request.kept
        if kept is not None and kept.share > 0:
            slot.kept = kept.mask(seed, layer)
        draws = uniforms(seed, self.positions, self._depth, layer)
        self._rows.occupy(slot.index, text, draws, request.sampling)

    def release(self, slot: Slot) -> None:
        """Give a slot's row back."""
        del self.slots[slot.index]
        self.free.append(slot.index)
        self._rows.release(slot.index)

    def step(self) -> list[Slot]:
        """Draw one position of every slot; those that are finished or to be shown by now."""
        self._rows.step()
        for slot in self.slots.values():
            if slot.kept is not None and slot.kept[slot.position]:
                self._take_over(slot)
            slot.position += 1
        return [slot for slot in self.slots.values() if slot.position in slot.shown_at]

    def _take_over(self, slot: Slot) -> None:
        """Put the kept codes of a position in place of those just drawn: what follows is drawn after them."""
        kept = slot.job.request.kept
        assert kept is not None
        codes = kept.codes[slot.part.layer].reshape(self.positions, self._depth)
        self._rows.put(slot.index, slot.position, torch.from_numpy(codes[slot.position]))

    def codes(self, slot: Slot) -> Tensor:
        """A copy of what is drawn of a slot: codes (L, D), zeros where nothing is yet."""
        drawn = self._rows.codes[slot.index].clone()
        drawn[slot.position :] = 0
        return drawn
