"""The report of a session: JSON with every request, and Markdown to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests.load.search import SearchResult
from loadtests.report.latency import REPORTED, Objective
from loadtests.report.measured import Measured
from loadtests.service.machine import describe_machine

FEW_REQUESTS = 50  # fewer make the high percentiles those of one or two requests
LARGE_LAG = 0.05  # seconds
SHOWN_FAILURES = 5

COLUMNS = (
    "load",
    "offered",
    "done",
    "refused",
    "failed",
    "sets/s",
    "images/s",
    "goodput/s",
    "within",
    *REPORTED,
)
FIRSTS_SHOWN = ("p50", "p95", "max")
ENGINE = ("load", "mean slots in use", "of", "steps", "drawn", "given up", "still running after")


@dataclass
class Report:
    """What a session measured.

    Attributes:
        mode: "open", "closed" or "search".
        shared: whether the load generator ran on the service's machine.
    """

    mode: str
    target: str
    seed: int
    mix: str
    objective: Objective
    shared: bool
    loads: list[Measured] = field(default_factory=list)
    search: SearchResult | None = None
    interrupted: bool = False
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def completed(self) -> int:
        """Cover sets received, over all loads."""
        return sum(len(measured.done) for measured in self.loads)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "mode": self.mode,
            "target": self.target,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "seed": self.seed,
            "candidates_mix": self.mix,
            "objective": asdict(self.objective),
            "interrupted": self.interrupted,
            "machine": {**describe_machine(), "shared_with_service": self.shared},
            "search": self.search.as_dict() if self.search else None,
            "loads": [measured.as_dict() for measured in self.loads],
        }

    def write_json(self, path: Path) -> None:
        """All figures, and every request."""
        path.write_text(json.dumps(self.as_dict(), ensure_ascii=False) + "\n", encoding="utf-8")

    def markdown(self) -> str:
        """Tables, and what to know before believing them."""
        objective = self.objective
        lines = [
            f"# Load test ({self.mode}) of {self.target}",
            "",
            f"{self.started_at:%Y-%m-%d %H:%M} UTC, seed {self.seed}, candidates {self.mix}. "
            "Latencies are seconds from the moment a request was due to its complete cover set. "
            f"Goodput: sets done within {objective.done:g} s; the objective holds for a load if "
            f"{objective.share:.0%} of its requests are.",
            "",
        ]
        if self.search:
            lines += [f"**{self.search.describe().capitalize()}.**", ""]
        lines += [_row(COLUMNS), _row("---" for _ in COLUMNS), *map(_load_row, self.loads), ""]
        lines += self._notes()
        for title, head, rows in (
            ("Refused", ("load", "status", "count", "Retry-After, s"), self._refusals()),
            ("Failed", ("load", "kind", "count", "for example"), self._failures()),
            ("First sight, s", ("load", "of", *FIRSTS_SHOWN), self._firsts()),
            ("Stages, mean / p95 s", ("load", *self._stage_names()), self._stages()),
            ("Engine", ENGINE, self._engine()),
            ("Peak memory, MiB", ("load", "process", "pid", "resident"), self._memory()),
        ):
            body = [_row(row) for row in rows]
            if body:
                lines += ["", f"## {title}", "", _row(head), _row("---" for _ in head), *body]
        return "\n".join(lines) + "\n"

    def _notes(self) -> Iterator[str]:
        if self.interrupted:
            yield "- Interrupted: the last load ended early."
        if self.shared:
            yield "- The load generator shared this machine with the service."
        for measured in self.loads:
            name = measured.load.name
            if not measured.warm_up.settled:
                yield f"- {name}: {measured.warm_up.describe()}."
            if len(measured.done) < FEW_REQUESTS:
                yield f"- {name}: only {len(measured.done)} done; high percentiles mean little."
            if measured.engine and measured.engine.left:
                yield f"- {name}: {measured.engine.left} jobs STILL RAN after the end of the test."
            if measured.unfinished:
                yield f"- {name}: {measured.unfinished} requests cut short with the test."
            if measured.queued:
                yield f"- {name}: {measured.queued} requests waited for a connection (counted)."
            if measured.lag > LARGE_LAG:
                yield f"- {name}: the load generator itself was up to {measured.lag:.2f} s late."

    def _refusals(self) -> Iterator[tuple[Any, ...]]:
        for measured in self.loads:
            for status, refusals in measured.refusals().items():
                low_high = refusals["retry_after"]
                named = "-".join(f"{s:g}" for s in dict.fromkeys(low_high)) if low_high else "none"
                without = refusals["without_retry_after"]
                missing = f" ({without} without)" if low_high and without else ""
                yield measured.load.name, status, refusals["count"], named + missing

    def _failures(self) -> Iterator[tuple[Any, ...]]:
        for measured in self.loads:
            for kind, count in measured.failures().items():
                answers = [o.answer for o in measured.failed if o.answer.label == kind]
                detail = next((_cell(a.detail) for a in answers if a.detail), "")
                ids = [_cell(a.request_id) for a in answers if a.request_id][:SHOWN_FAILURES]
                named = f" (requests {', '.join(ids)})" if ids else ""
                yield measured.load.name, kind, count, detail + named

    def _firsts(self) -> Iterator[tuple[Any, ...]]:
        for measured in self.loads:
            for name, seconds in measured.firsts.items():
                cells = (f"{seconds[key]:.2f}" for key in FIRSTS_SHOWN)
                yield measured.load.name, name.replace("_", " "), *cells

    def _stage_names(self) -> list[str]:
        return list(dict.fromkeys(stage for measured in self.loads for stage in measured.stages))

    def _stages(self) -> Iterator[tuple[Any, ...]]:
        for measured in self.loads:
            if measured.stages:
                stages = (measured.stages.get(name) for name in self._stage_names())
                cells = (f"{s['mean']:.3f} / {s['p95']:.3f}" if s else "" for s in stages)
                yield measured.load.name, *cells

    def _engine(self) -> Iterator[tuple[Any, ...]]:
        for measured in self.loads:
            if engine := measured.engine:
                mean = "-" if engine.occupancy is None else f"{engine.occupancy:.1f}"
                counts = (engine.slots, engine.steps, engine.drawn, engine.cancelled, engine.left)
                yield measured.load.name, mean, *counts

    def _memory(self) -> Iterator[tuple[Any, ...]]:
        for measured in self.loads:
            for process in measured.memory:
                yield measured.load.name, _cell(process.name), process.pid, f"{process.peak:.0f}"


def _load_row(measured: Measured) -> str:
    latency = measured.latency
    share = measured.share
    return _row(
        (
            measured.load.name,
            len(measured.outcomes),
            len(measured.done),
            len(measured.refused),
            len(measured.failed),
            f"{measured.requests_per_second:.2f}",
            f"{measured.images_per_second:.1f}",
            f"{measured.goodput:.2f}",
            "-" if share is None else f"{share:.1%}",
            *(f"{latency[name]:.2f}" if latency else "-" for name in REPORTED),
        )
    )


def _cell(text: str) -> str:
    """Anything a service says, as one cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


def _row(cells: Iterable[Any]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
