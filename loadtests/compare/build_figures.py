"""The figures of two builds: rounds pooled, ratios of this build to the other, and tables by process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import fmean, median
from typing import Any

from loadtests.compare.figures import Window
from loadtests.load.run import Outcome
from loadtests.report.latency import percentile, summarise
from loadtests.service.launch import Checkout
from loadtests.service.machine import describe_machine
from loadtests.service.usage import Figures, Owner, Program

TABLE: Mapping[str, tuple[str, str]] = {
    "start": ("start to ready", "s"),
    "lone": ("lone request, median", "s"),
    "lone_to_alone": ("the same, to engine and finish alone", "times"),
    "first_preview": ("first preview of a lone request, median", "s"),
    "preview_share": ("the same, of the streamed set's time", "share"),
    "images_per_second": ("covers a second, all users", "1/s"),
    "images_to_alone": ("the same, to engine and finish alone", "times"),
    "p50": ("set with all users, median", "s"),
    "p95": ("set with all users, 95th percentile", "s"),
    "lone_cpu": ("processor time of a lone request", "s"),
    "crowd_cpu": ("processor time of a request, all users", "s"),
    "outside_cpu": ("the same, outside engine and finish", "s"),
    "memory": ("memory (PSS) after the load", "MiB"),
    "replica_memory": ("of it in replicas", "MiB"),
    "idle": ("idle, of a core", "%"),
    "replica_idle": ("of it in replicas", "%"),
}
"""Figures of a build that are shown: what each is, and its unit."""
BY_PROCESS: Mapping[str, tuple[str, str]] = {
    "memory": ("PSS", "MiB"),
    "lone_cpu": ("processor, lone request", "ms"),
    "crowd_cpu": ("processor, a request of all users'", "ms"),
    "idle": ("idle, of a core", "%"),
}


@dataclass
class BuildRound:
    """What one start of a build came to.

    Attributes:
        start: seconds to ready.
        lone, streamed, crowd: whole sets of a lone user, streamed sets of a lone user, whole sets of all users.
        lone_seconds, crowd_seconds: processor seconds of each program meanwhile.
        memory: MiB of each program.
        idle: share of a core of each program.
        alone: the engine and the finish alone; see `loadtests.compare.alone`.
    """

    start: float
    lone: Window
    streamed: Window
    crowd: Window
    lone_seconds: Figures
    crowd_seconds: Figures
    memory: Figures
    idle: Figures
    alone: dict[str, float] | None = None

    def describe(self) -> str:
        """For people."""
        done = self.lone.done
        lone = f"{median(o.latency for o in done):.2f} s" if done else "NONE DONE"
        return (
            f"ready in {self.start:.0f} s; lone request {lone}; {self.crowd.describe()}; "
            f"{sum(self.memory.values()):.0f} MiB; idle {sum(self.idle.values()):.1%} of a core"
        )


@dataclass
class BuildFigures:
    """A build and its rounds."""

    name: str
    checkout: Checkout
    rounds: list[BuildRound] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every request got its covers."""
        windows = [w for r in self.rounds for w in (r.lone, r.streamed, r.crowd)]
        return bool(windows) and all(w.done and len(w.done) == len(w.outcomes) for w in windows)

    def headline(self) -> dict[str, float | None]:
        """The figures of `TABLE`; None where nothing was measured."""
        lone = [o for r in self.rounds for o in r.lone.done]
        streamed = [o for r in self.rounds for o in r.streamed.done]
        crowd = [o for r in self.rounds for o in r.crowd.done]
        seconds = sum(r.crowd.seconds for r in self.rounds)
        rate = sum(r.crowd.images for r in self.rounds) / seconds if seconds else None
        shares = [_preview(o) / o.latency for o in streamed if _preview(o)]
        crowd_cpu = _total(self.by_process("crowd_cpu"))
        figures: dict[str, float | None] = {
            "start": median(r.start for r in self.rounds),
            "lone": _median(o.latency for o in lone),
            "first_preview": _median(filter(None, map(_preview, streamed))),
            "preview_share": _median(shares),
            "images_per_second": rate,
            "p50": _median(o.latency for o in crowd),
            "p95": percentile((o.latency for o in crowd), 95) if crowd else None,
            "lone_cpu": _scaled(_total(self.by_process("lone_cpu")), 0.001),
            "crowd_cpu": _scaled(crowd_cpu, 0.001),
        }
        for name in ("memory", "idle"):
            by_process = self.by_process(name)
            figures[name] = _total(by_process)
            figures[f"replica_{name}"] = _total(by_process, Owner.REPLICA)
        alone = self.alone()
        figures["lone_to_alone"] = _ratio(figures["lone"], alone.get("lone"))
        figures["images_to_alone"] = _ratio(rate, alone.get("images_per_second"))
        inside = alone.get("cpu_seconds")
        outside = None
        if figures["crowd_cpu"] is not None and inside is not None:
            outside = figures["crowd_cpu"] - inside
        figures["outside_cpu"] = outside
        return {name: figures[name] for name in TABLE}

    def alone(self) -> dict[str, float]:
        """Engine and finish alone: medians over the rounds; empty where it could not be had."""
        measured = [r.alone for r in self.rounds if r.alone is not None]
        return {
            name: median(m[name] for m in measured) for name in (measured[0] if measured else ())
        }

    def by_process(self, name: str) -> Figures:
        """A figure of `BY_PROCESS`, in its unit: means over the rounds."""
        rounds = [self._of_round(name, r) for r in self.rounds]
        programs = sorted({program for figures in rounds for program in figures})
        return {p: fmean(figures.get(p, 0.0) for figures in rounds) for p in programs}

    @staticmethod
    def _of_round(name: str, measured: BuildRound) -> Figures:
        if name == "memory":
            return measured.memory
        if name == "idle":
            return {program: 100 * share for program, share in measured.idle.items()}
        lone = name == "lone_cpu"
        seconds = measured.lone_seconds if lone else measured.crowd_seconds
        done = len((measured.lone if lone else measured.crowd).done)
        return {program: 1000 * s / done for program, s in seconds.items()} if done else {}

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "commit": commit_of(self.checkout.root),
            "complete": self.complete,
            "headline": {name: _rounded(value) for name, value in self.headline().items()},
            "alone": {name: _rounded(value) for name, value in self.alone().items()},
            "by_process": {
                name: [
                    {"owner": str(p.owner), "process": p.name, "value": _rounded(value)}
                    for p, value in self.by_process(name).items()
                ]
                for name in BY_PROCESS
            },
            "rounds": [self._round_as_dict(r) for r in self.rounds],
        }

    @staticmethod
    def _round_as_dict(measured: BuildRound) -> dict[str, Any]:
        loads = {"lone": measured.lone, "streamed": measured.streamed, "crowd": measured.crowd}
        return {
            "start": _rounded(measured.start),
            "images_per_second": _rounded(measured.crowd.images_per_second),
            "memory": _rounded(sum(measured.memory.values())),
            "idle": _rounded(100 * sum(measured.idle.values())),
            "alone": measured.alone,
            **{
                name: {
                    "requests": len(window.outcomes),
                    "done": len(window.done),
                    "latency": summarise(o.latency for o in window.done),
                    "stages": _stages(window),
                }
                for name, window in loads.items()
            },
        }


@dataclass
class BuildsComparison:
    """Two builds, this one first."""

    users: int
    mix: str
    seed: int
    rounds: int
    started_at: datetime
    builds: list[BuildFigures]
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every request of both builds got its covers."""
        return all(build.complete for build in self.builds)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        ours, other = (build.headline() for build in self.builds)
        return {
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "machine": describe_machine(),
            "users": self.users,
            "candidates_mix": self.mix,
            "seed": self.seed,
            "rounds": self.rounds,
            "seconds": round(self.seconds, 1),
            "ratios": {name: _rounded(_ratio(ours[name], other[name])) for name in TABLE},
            "builds": [build.as_dict() for build in self.builds],
        }

    def write_json(self, path: Path) -> None:
        """All figures."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    def markdown(self) -> str:
        """Tables: the two builds with the ratio of this one to the other, then every program of each."""
        ours, other = self.builds
        mine, its = ours.headline(), other.headline()
        lines = [
            f"{self.rounds} round{'s' if self.rounds > 1 else ''}, {self.users} users, candidates {self.mix}; "
            f"{commit_of(ours.checkout.root)} and {commit_of(other.checkout.root)}.",
            "",
            f"| | {ours.name} | {other.name} | ratio |",
            "|---|---|---|---|",
        ]
        for name, (about, unit) in TABLE.items():
            cells = (
                f"{about}, {unit}",
                _shown(mine[name]),
                _shown(its[name]),
                _shown(_ratio(mine[name], its[name])),
            )
            lines.append(f"| {' | '.join(cells)} |")
        heads = [
            f"{about}, {unit}: {build.name}"
            for about, unit in BY_PROCESS.values()
            for build in self.builds
        ]
        lines += ["", f"| process | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
        columns = [b.by_process(name) for name in BY_PROCESS for b in self.builds]
        for program in ordered(columns):
            values = (_shown(column.get(program)) for column in columns)
            lines.append(f"| {program} ({program.owner}) | {' | '.join(values)} |")
        return "\n".join(lines) + "\n"


def ordered(columns: Iterable[Figures]) -> list[Program]:
    """All programs of some figures: replicas first, by name."""
    programs = {program for column in columns for program in column}
    return sorted(programs, key=lambda p: (p.owner is not Owner.REPLICA, p.name))


def commit_of(root: Path) -> str:
    """The commit that a checkout stands at, "+" behind it if files differ; its folder's name without git."""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return root.name
    return done.stdout.strip()


def _preview(outcome: Outcome) -> float:
    """Seconds to the first preview, 0 where none came."""
    return outcome.firsts.get("first_preview", 0.0)


def _stages(window: Window) -> dict[str, float]:
    """Mean seconds of each stage, as the service timed it."""
    names = dict.fromkeys(name for o in window.done for name in o.answer.timings)
    return {
        name: round(fmean(o.answer.timings.get(name, 0.0) for o in window.done), 4)
        for name in names
    }


def _total(figures: Figures, owner: Owner | None = None) -> float | None:
    chosen = [value for program, value in figures.items() if owner in (None, program.owner)]
    return sum(chosen) if chosen else None


def _median(values: Iterable[float]) -> float | None:
    listed = list(values)
    return median(listed) if listed else None


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _shown(value: float | None) -> str:
    """With about three figures."""
    if value is None:
        return "-"
    return (
        f"{value:.0f}"
        if abs(value) >= 100
        else f"{value:.1f}"
        if abs(value) >= 10
        else f"{value:.2f}"
    )
