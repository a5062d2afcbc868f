"""Fractions on GPUs, as Ray places them: each on the fullest GPU that has room, in the order they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

UNIT = 10_000
"""Ray counts resources in ten-thousandths."""


def units(fraction: float) -> int:
    """A fraction in Ray's units."""
    return round(fraction * UNIT)


def place(demands: Sequence[int], gpus: int) -> list[list[int]] | None:
    """Indices of the demands on each GPU, placed in this order; None if one finds no room.

    A demand of whole GPUs takes empty ones; it stands on each of them.
    """
    free, placed = [UNIT] * gpus, [list[int]() for _ in range(gpus)]
    for index, demand in enumerate(demands):
        chosen = _choose(tuple(free), demand)
        if chosen is None:
            return None
        for gpu in chosen:
            free[gpu] -= min(demand, UNIT)
            placed[gpu].append(index)
    return placed


def stuck_order(demands: Mapping[str, Sequence[int]], gpus: int) -> list[str] | None:
    """Names in an order of arrival in which the last finds no room; None if every order fits.

    Args:
        demands: of each name's replicas, one entry each.
    """
    kinds = {name: (values[0], len(values)) for name, values in demands.items() if values}

    @cache
    def search(free: tuple[int, ...], left: tuple[tuple[str, int], ...]) -> tuple[str, ...] | None:
        for index, (name, count) in enumerate(left):
            demand = kinds[name][0]
            chosen = _choose(free, demand)
            if chosen is None:
                return (name,)
            after = list(free)
            for gpu in chosen:
                after[gpu] -= min(demand, UNIT)
            fewer = ((name, count - 1),) if count > 1 else ()
            rest = left[:index] + fewer + left[index + 1 :]
            stuck = search(tuple(sorted(after)), rest)
            if stuck is not None:
                return (name, *stuck)
        return None

    start = tuple((name, count) for name, (_, count) in sorted(kinds.items()))
    order = search((UNIT,) * gpus, start)
    return None if order is None else list(order)


def _choose(free: Sequence[int], demand: int) -> list[int] | None:
    """The GPUs that a demand gets."""
    if demand >= UNIT:
        empty = [gpu for gpu, room in enumerate(free) if room == UNIT]
        return empty[: demand // UNIT] if len(empty) >= demand // UNIT else None
    fitting = list(_roomy(free, demand))
    return [min(fitting, key=lambda gpu: free[gpu])] if fitting else None


def _roomy(free: Sequence[int], demand: int) -> Iterator[int]:
    return (gpu for gpu, room in enumerate(free) if room >= demand)
