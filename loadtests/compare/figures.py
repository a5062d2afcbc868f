"""The figures of a comparison: windows of each configuration, pooled, and ratios between them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from loadtests.compare.configurations import ONE_AT_A_TIME, ORIGINAL, SERVICE, Group
from loadtests.compare.overhead import Overhead
from loadtests.load.run import Outcome
from loadtests.report.latency import percentile, summarise
from loadtests.service.exchange import Kind
from loadtests.service.machine import ProcessMemory, describe_machine
from loadtests.service.metrics import EngineFigures


@dataclass(frozen=True)
class Window:
    """One window of load on one configuration."""

    outcomes: Sequence[Outcome]
    engine: EngineFigures | None

    @property
    def done(self) -> list[Outcome]:
        """Requests that got their covers."""
        return [o for o in self.outcomes if o.answer.kind is Kind.DONE]

    @property
    def images(self) -> int:
        """Covers that came."""
        return sum(o.answer.images for o in self.done)

    @property
    def seconds(self) -> float:
        """Until the last answer."""
        return max((o.finished for o in self.outcomes), default=0.0)

    @property
    def images_per_second(self) -> float:
        """Covers a second, the window's end included, in which users leave one by one."""
        return self.images / self.seconds if self.seconds else 0.0

    @property
    def p95(self) -> float | None:
        """95th percentile of the seconds to a set; None if none came."""
        latencies = [o.latency for o in self.done]
        return percentile(latencies, 95) if latencies else None

    def describe(self) -> str:
        """For people."""
        p95 = "-" if self.p95 is None else f"{self.p95:.2f} s"
        others = len(self.outcomes) - len(self.done)
        lost = f", {others} NOT DONE" if others else ""
        return f"{len(self.done)} sets, {self.images_per_second:.1f} images/s, p95 {p95}{lost}"


def pool(windows: Sequence[Window]) -> dict[str, Any]:
    """The figures of all windows of a configuration together."""
    done = [outcome for window in windows for outcome in window.done]
    seconds = sum(window.seconds for window in windows)
    stages = dict.fromkeys(name for o in done for name in o.answer.timings)
    latency = summarise(o.latency for o in done)
    engines = [window.engine for window in windows if window.engine]
    occupied = [engine.occupancy for engine in engines if engine.occupancy is not None]
    return {
        "requests": sum(len(window.outcomes) for window in windows),
        "done": len(done),
        "images": sum(window.images for window in windows),
        "seconds": round(seconds, 3),
        "images_per_second": round(sum(w.images for w in windows) / seconds, 3) if seconds else 0.0,
        "sets_per_second": round(len(done) / seconds, 4) if seconds else 0.0,
        "latency": latency,
        "rounds": [
            {"images_per_second": round(w.images_per_second, 3), "p95": w.p95} for w in windows
        ],
        "stages": {
            name: summarise(o.answer.timings[name] for o in done if name in o.answer.timings)
            for name in stages
        },
        "occupancy": round(sum(occupied) / len(occupied), 2) if occupied else None,
        "left": max((engine.left for engine in engines), default=None),
    }


@dataclass
class GroupFigures:
    """What was measured of a group."""

    group: Group
    windows: dict[str, list[Window]] = field(default_factory=dict)
    memory: Sequence[ProcessMemory] = ()

    def __post_init__(self) -> None:
        self.windows = {c.name: [] for c in self.group.configurations}

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        first = pool(self.windows[self.group.configurations[0].name])
        rows = []
        for configuration in self.group.configurations:
            pooled = pool(self.windows[configuration.name])
            ratios = {
                "throughput_ratio": _ratio(pooled["images_per_second"], first["images_per_second"]),
                "p95_ratio": _ratio(_p95(pooled), _p95(first)),
            }
            rows.append(
                {"name": configuration.name, "about": configuration.about, **pooled, **ratios}
            )
        memory = [process.as_dict() for process in self.memory]
        return {"title": self.group.title, "configurations": rows, "memory": memory}


@dataclass
class Comparison:
    """All groups of a run."""

    users: int
    mix: str
    seed: int
    quick: bool
    started_at: datetime
    groups: list[GroupFigures] = field(default_factory=list)
    single: Window | None = None
    overhead: Overhead | None = None
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every request got its covers."""
        windows = [w for g in self.groups for ws in g.windows.values() for w in ws]
        return bool(windows) and all(w.done and len(w.done) == len(w.outcomes) for w in windows)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the machine, the headline ratios, every group."""
        named = {figures.group.name: figures.as_dict() for figures in self.groups}
        return {
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "machine": describe_machine(),
            "users": self.users,
            "candidates_mix": self.mix,
            "seed": self.seed,
            "quick": self.quick,
            "seconds": round(self.seconds, 1),
            **headline(named.get("service")),
            "single": pool([self.single]) if self.single else None,
            "overhead": self.overhead.as_dict() if self.overhead else None,
            "groups": named,
        }

    def write_json(self, path: Path) -> None:
        """All figures."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    def markdown(self) -> str:
        """Tables."""
        return "\n".join(describe(self.as_dict())) + "\n"


def headline(service: dict[str, Any] | None) -> dict[str, float | None]:
    """The ratios that the project promises, of the service's group."""
    rows = {row["name"]: row for row in service["configurations"]} if service else {}
    if not rows:
        return {}
    ours, single, original = rows[SERVICE], rows[ONE_AT_A_TIME], rows[ORIGINAL]
    return {
        "throughput_ratio": _ratio(ours["images_per_second"], original["images_per_second"]),
        "p95_ratio": _ratio(_p95(ours), _p95(original)),
        "one_at_a_time_ratio": _ratio(ours["images_per_second"], single["images_per_second"]),
        "one_at_a_time_p95_ratio": _ratio(_p95(ours), _p95(single)),
    }


def describe(comparison: dict[str, Any]) -> list[str]:
    """Lines of Markdown for what `Comparison.as_dict` made, or its JSON file has."""
    lines: list[str] = []
    for group in comparison["groups"].values():
        lines += [f"**{group['title']}**", ""]
        lines += [
            "| | images/s | rounds | p50 s | p95 s | slots in use | images/s, to first | p95, to first |"
        ]
        lines += ["|---|---|---|---|---|---|---|---|"]
        for row in group["configurations"]:
            latency = row["latency"] or {}
            rates = [r["images_per_second"] for r in row["rounds"]]
            cells = (
                f"{row['name']}: {row['about']}",
                f"{row['images_per_second']:.2f}",
                f"{min(rates):.2f} to {max(rates):.2f}",
                _two(latency.get("p50")),
                _two(latency.get("p95")),
                _two(row["occupancy"]),
                _two(row["throughput_ratio"]),
                _two(row["p95_ratio"]),
            )
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    if comparison.get("throughput_ratio"):
        lines += [
            f"Service to original's way: {_two(comparison['throughput_ratio'])} times the images a second, "
            f"{_two(comparison['p95_ratio'])} times the 95th percentile. "
            "To the same service one request at a time: "
            f"{_two(comparison['one_at_a_time_ratio'])} times the images a second, "
            f"{_two(comparison['one_at_a_time_p95_ratio'])} times the 95th percentile.",
            "",
        ]
    if overhead := comparison.get("overhead"):
        http, ray = (overhead[name] * 1000 for name in ("http", "ray"))
        lines += [
            f"A lone request takes {overhead['wall']:.2f} s; of that HTTP takes {http:.0f} ms and Ray "
            f"{ray:.0f} ms, together {overhead['share']:.0%}.",
            "",
        ]
    return lines[:-1]


def _p95(pooled: dict[str, Any]) -> float | None:
    return pooled["latency"]["p95"] if pooled["latency"] else None


def _ratio(one: float | None, other: float | None) -> float | None:
    return round(one / other, 4) if one is not None and other else None


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
