"""Slots: what is being drawn, each in a row of a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from songdalle_core.imagegen.engine.requests import Job, Part
from songdalle_core.imagegen.engine.runner import Draft, Rows


@dataclass(eq=False)
class Slot:
    """One part of a candidate being drawn, at row `index` of its group; `position` of its `steps` are done."""

    index: int
    job: Job
    part: Part
    position: int = 0

    # filled by `Rows.occupy`
    steps: int = 0
    shown_at: frozenset[int] = frozenset()  # positions after which it is to be looked at

    @property
    def finished(self) -> bool:
        """Whether every step of it is done."""
        return self.position == self.steps


class Group:
    """Slots in the rows of a model, none of which moves while it is drawn."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.slots: dict[int, Slot] = {}
        self.free = list(reversed(range(rows.width)))

    def claim(self, job: Job) -> Slot:
        """A free row for the job's next part, which is drawn from `begin` on."""
        slot = Slot(self.free.pop(), job, job.parts[job.admitted])
        job.admitted += 1
        self.slots[slot.index] = slot
        return slot

    def begin(self, slot: Slot, text: Any) -> None:
        """Begin a claimed slot's drawing; `text` is what `ModelRunner.read` gave."""
        self.rows.occupy(slot, text)

    def release(self, slot: Slot) -> None:
        """Give a slot's row back."""
        del self.slots[slot.index]
        self.free.append(slot.index)
        self.rows.release(slot.index)

    def advance(self) -> list[Slot]:
        """Count a step that the rows have made; the slots that are finished or to be shown by now."""
        for slot in self.slots.values():
            slot.position += 1
        return [s for s in self.slots.values() if s.finished or s.position in s.shown_at]

    def draft(self, slot: Slot) -> Draft:
        """A copy of what is drawn of a slot."""
        return Draft(slot, self.rows.draft(slot), slot.position, slot.steps)
