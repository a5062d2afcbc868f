"""Percentiles of latencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

REPORTED: Mapping[str, float] = {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "max": 100}


def percentile(values: Iterable[float], percent: float) -> float:
    """The value below which `percent` of 100 lie, linear between neighbours.

    Raises:
        ValueError: no values, or a percentage outside 0..100.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values, no percentile")
    if not 0 <= percent <= 100:
        raise ValueError(f"a percentile is 0 to 100, not {percent}")
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def summarise(values: Iterable[float]) -> dict[str, float] | None:
    """Mean and the reported percentiles; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    found = {"mean": sum(ordered) / len(ordered)}
    found |= {name: percentile(ordered, percent) for name, percent in REPORTED.items()}
    return {name: round(value, 4) for name, value in found.items()}
