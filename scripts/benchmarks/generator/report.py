"""The benchmark's table, JSON and picture."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scripts.benchmarks.generator.agreement import Agreement
from scripts.benchmarks.generator.machine import Limits
from scripts.benchmarks.generator.measure import Arrivals, Measured
from scripts.common.reports import markdown

COLUMNS = (
    "sampler",
    "covers",
    "prefill",
    "draw",
    "decode",
    "s a set",
    "spread",
    "covers/s",
    "MB",
    "of limit",
)


@dataclass
class Report:
    """What one run of the benchmark found."""

    shape: str
    runtime: str
    threads: int
    width: int
    limits: Limits
    least: dict[int, float] = field(
        default_factory=dict
    )  # seconds a set takes at the machine's limit
    engine: list[Measured] = field(default_factory=list)
    textbook: list[Measured] = field(default_factory=list)
    reference: list[Measured] = field(default_factory=list)
    widths: list[Measured] = field(default_factory=list)
    arrivals: dict[str, Arrivals] = field(default_factory=dict)
    agreements: list[Agreement] = field(default_factory=list)

    @property
    def ratio(self) -> dict[str, float]:
        """How many times as fast as the textbook sampler the engine is, by candidates."""
        return self._ratio_to(self.textbook)

    @property
    def reference_ratio(self) -> dict[str, float]:
        """The same of the reference."""
        return self._ratio_to(self.reference)

    def _ratio_to(self, others: list[Measured]) -> dict[str, float]:
        slow = {m.candidates: m.seconds for m in others}
        return {
            str(m.candidates): round(slow[m.candidates] / m.seconds, 2)
            for m in self.engine
            if m.candidates in slow
        }

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        figures: dict[str, Any] = {
            "shape": self.shape,
            "runtime": self.runtime,
            "threads": self.threads,
            "width": self.width,
            "limits": asdict(self.limits),
            "least_seconds": {str(n): s for n, s in self.least.items()},
            "engine": [m.as_dict() for m in self.engine],
            "textbook": [m.as_dict() for m in self.textbook],
            "reference": [m.as_dict() for m in self.reference],
            "ratio": self.ratio,
            "reference_ratio": self.reference_ratio,
            "widths": [m.as_dict() for m in self.widths],
            "arrivals": {name: asdict(a) for name, a in self.arrivals.items()},
            "agreements": [asdict(a) for a in self.agreements],
        }
        if len(self.arrivals) == 2:
            together, one = self.arrivals["together"], self.arrivals["one at a time"]
            figures["arrivals_ratio"] = {
                "images_per_second": round(together.images_per_second / one.images_per_second, 2),
                "mean_to_set": round(together.mean_to_set / one.mean_to_set, 2),
                "median_to_preview": round(together.median_to_preview / one.median_to_preview, 2),
            }
        return figures

    def table(self) -> str:
        """Markdown."""
        lines = [
            f"Shape {self.shape}, {self.runtime}, {self.threads} threads, groups of {self.width}; "
            f"the machine multiplies {self.limits.gflops:.0f} GFLOP/s (fp32) and reads "
            f"{self.limits.gigabytes_per_second:.1f} GB/s.",
            "",
            markdown(
                COLUMNS,
                [
                    *(self._line("reference", m) for m in self.reference),
                    *(self._line("textbook", m) for m in self.textbook),
                    *(self._line("engine", m) for m in self.engine),
                ],
            ),
        ]
        for name, ratio in (("textbook", self.ratio), ("reference", self.reference_ratio)):
            if ratio:
                times = ", ".join(f"{r:g} times at {n}" for n, r in ratio.items())
                lines += ["", f"Engine to {name}: {times}."]
        if self.widths:
            widths = [
                (m.candidates, f"{m.seconds:.2f}", f"{m.images_per_second:.1f}")
                for m in self.widths
            ]
            lines += ["", markdown(("width", "s a set", "covers/s"), widths)]
        if self.arrivals:
            heads = (
                "8 requests, 100 ms apart",
                "covers/s",
                "mean s to a set",
                "median s to a preview",
            )
            arrivals = [
                (
                    name,
                    *(
                        f"{x:.2f}"
                        for x in (a.images_per_second, a.mean_to_set, a.median_to_preview)
                    ),
                )
                for name, a in self.arrivals.items()
            ]
            lines += ["", markdown(heads, arrivals)]
        if self.agreements:
            heads = ("the same seeds, drawn with", "and with", "same codes", "same pixels")
            agreements = [
                (g.first, g.second, f"{g.codes:.0%}", f"{g.pixels:.0%}") for g in self.agreements
            ]
            lines += ["", markdown(heads, agreements)]
        return "\n".join(lines)

    def _line(self, name: str, m: Measured) -> tuple[object, ...]:
        share = self.least[m.candidates] / m.seconds
        times = (m.prefill, m.autoregression, m.decode, m.seconds, m.spread)
        return (
            name,
            m.candidates,
            *(f"{t:.3f}" for t in times),
            f"{m.images_per_second:.1f}",
            f"{m.peak_megabytes:.0f}",
            f"{share:.0%}",
        )

    def write_json(self, path: Path) -> None:
        """All figures."""
        path.write_text(json.dumps(self.as_dict(), indent=2) + "\n", encoding="utf-8")

    def draw(self, path: Path) -> None:
        """Seconds a set, engine and textbook; and what a wider step pays, where widths were measured."""
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        figure, axes = pyplot.subplots(1, 2, figsize=(11, 4), layout="constrained")
        samplers = {
            "reference": self.reference,
            "textbook": self.textbook,
            "engine": self.engine,
        }
        for name, measured in samplers.items():
            if not measured:
                continue
            counts = [m.candidates for m in measured]
            axes[0].plot(counts, [m.seconds for m in measured], marker="o", label=name)
        axes[0].set(title=f"{self.shape}: seconds a set", xlabel="covers of a set", ylabel="s")
        axes[0].set(xscale="log", yscale="log")
        axes[0].legend()
        curve = self.widths or self.engine
        widths = [m.candidates for m in curve]
        rates = axes[1]
        rates.plot(widths, [m.images_per_second for m in curve], marker="o", color="tab:green")
        rates.set(title="width of a step", xlabel="slots", ylabel="covers/s", ylim=(0, None))
        seconds = rates.twinx()
        seconds.plot(widths, [m.seconds for m in curve], marker=".", color="tab:red")
        seconds.set(ylabel="s a set (red)", ylim=(0, None))
        figure.savefig(path, dpi=100, metadata={"Software": None})
        pyplot.close(figure)
