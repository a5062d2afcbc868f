"""What a plan says: a table of bytes, where each replica goes, and the fractions that would do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scripts.operations.gpus.configuration import Placement
from scripts.operations.gpus.packing import UNIT, place, stuck_order, units

HEADINGS = (
    "deployment", "model", "weights", "cache", "working", "context", "needs", "num_gpus", "gives", "",
)  # fmt: skip
GB = 1e9


@dataclass(frozen=True)
class Machine:
    """GPUs of one machine.

    Attributes:
        gpus: how many, all alike.
        memory: bytes of one.
        context: bytes that a process takes before it stores anything: CUDA's context and libraries.
        slack: share of what PyTorch stores that its allocator loses to rounding and holes.
    """

    gpus: int
    memory: float
    context: float
    slack: float


@dataclass(frozen=True)
class Plan:
    """Placements on a machine, and what is wrong with them."""

    machine: Machine
    placements: Sequence[Placement]

    def needs(self, placement: Placement) -> float:
        """Bytes of one replica."""
        tensors = sum(model.total for model in placement.models)
        return self.machine.context + tensors * (1 + self.machine.slack)

    def gives(self, placement: Placement) -> float:
        """Bytes of its share."""
        return placement.fraction * self.machine.memory

    def least(self, placement: Placement) -> float:
        """The smallest fraction, in hundredths, that is enough."""
        share = self.needs(placement) / self.machine.memory
        return math.ceil(share * 100) / 100 if share <= 1 else math.ceil(share)

    def problems(self) -> list[str]:
        """Why it does not fit; empty if it does."""
        problems = [
            f"{p.name} needs {self.needs(p) / GB:.1f} GB, and num_gpus {p.fraction:g} gives it "
            f"{self.gives(p) / GB:.1f} GB"
            for p in self.placements
            if self.needs(p) > self.gives(p)
        ]
        demands = {p.name: [units(p.fraction)] * p.replicas for p in self.placements}
        stuck = stuck_order(demands, self.machine.gpus)
        if stuck is not None:
            before = ", ".join(stuck[:-1]) or "nothing"
            problems.append(
                f"a replica of {stuck[-1]} finds no GPU with room when {before} started before it: "
                "lower num_gpus or num_replicas, or use more GPUs"
            )
        problems += [
            f"{p.name} has max_surge_percent, but no room for {p.surge} more beside all others: its rolling "
            "restart would never end; leave room, or give it 0"
            for p in self.placements
            if p.surge and stuck is None and self.layout(p) is None
        ]
        return problems

    def layout(self, extra: Placement | None = None) -> list[list[str]] | None:
        """Names on each GPU, the largest placed first; with a surge of `extra`, if given."""
        replicas = [p for p in self.placements for _ in range(p.replicas)]
        replicas.sort(key=lambda p: -p.fraction)
        replicas += [extra] * extra.surge if extra else []
        placed = place([units(p.fraction) for p in replicas], self.machine.gpus)
        if placed is None:
            return None
        return [[replicas[index].name for index in gpu] for gpu in placed]


def lines(plan: Plan) -> Iterator[str]:
    """The report."""
    yield from _table([HEADINGS, *_rows(plan)])
    yield ""
    yield from _slots(plan)
    if plan.layout() is not None:
        yield from _gpus(plan)
        yield from _restarts(plan)
    problems = plan.problems()
    yield ""
    yield from problems
    yield f"least that each replica can do with: {_suggestion(plan)}"
    yield "does not fit" if problems else "fits"


def _rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    for placement in plan.placements:
        several = f" x {placement.replicas}" if placement.replicas > 1 else ""
        name = placement.name + several
        for model in placement.models:
            parts = (model.weights, model.cache, model.working)
            yield (name, model.model, *(f"{part / GB:.2f}" for part in parts), *[""] * 5)
            name = ""
        needs, gives = plan.needs(placement), plan.gives(placement)
        yield (
            "", "  together", *[""] * 3, f"{plan.machine.context / GB:.2f}", f"{needs / GB:.2f}",
            f"{placement.fraction:g}", f"{gives / GB:.2f}", "too little" if needs > gives else "",
        )  # fmt: skip


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        yield "  ".join([*left, *right]).rstrip()


def _slots(plan: Plan) -> Iterator[str]:
    for placement in plan.placements:
        for model in placement.models:
            if model.slot:
                more = (plan.gives(placement) - plan.needs(placement)) / (1 + plan.machine.slack)
                room = (
                    f"room for {int(more // model.slot)} more" if more >= 0 else "no room for more"
                )
                yield f"{placement.name}: {model.slot / 1e6:.0f} MB of cache a slot, {room}"


def _gpus(plan: Plan) -> Iterator[str]:
    layout = plan.layout()
    fractions = {p.name: p.fraction for p in plan.placements}
    for number, names in enumerate(layout or []):
        used = sum(units(min(1.0, fractions[name])) for name in names)
        shown = ", ".join(f"{name} {fractions[name]:g}" for name in names) or "nothing"
        yield f"GPU {number}: {shown}; {(UNIT - used) / UNIT:g} free"


def _restarts(plan: Plan) -> Iterator[str]:
    for placement in plan.placements:
        if not placement.surge:
            how = (
                "stops before its successor starts: requests wait"
                if placement.replicas == 1
                else ("is replaced a replica at a time")
            )
        elif plan.layout(placement) is not None:
            how = "has room to start its successor before it stops"
        else:
            how = "never ends"
        yield f"restart: {placement.name} {how}"


def _suggestion(plan: Plan) -> str:
    return ", ".join(f"{p.name} {plan.least(p):g}" for p in plan.placements)
