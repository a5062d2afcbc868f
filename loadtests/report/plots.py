"""The report's picture: latency, throughput and stages by load, and how latencies spread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loadtests.load.loads import OpenLoad
from loadtests.report.measured import Measured
from loadtests.report.report import Report

CURVES = ("p50", "p95", "p99")


def draw_report(report: Report, path: Path) -> None:
    """Write a PNG of four panels; loads stand in order of their rate or users."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    loads = sorted(report.loads, key=_offered)
    figure, axes = pyplot.subplots(2, 2, figsize=(12, 8), layout="constrained")
    _draw_latency(axes[0][0], loads, report.objective.done)
    _draw_throughput(axes[0][1], loads)
    _draw_stages(axes[1][0], loads)
    _draw_spread(axes[1][1], loads, report.objective.done)
    figure.suptitle(f"{report.mode} load, candidates {report.mix}, seed {report.seed}")
    figure.savefig(path, dpi=100, format="png", metadata={"Software": None})
    pyplot.close(figure)


def _offered(measured: Measured) -> float:
    """Requests a second of an open loop, users of a closed one."""
    description = measured.load.describe()
    return float(description.get("rate") or description.get("users") or 0)


def _unit(loads: Sequence[Measured]) -> str:
    return "users" if loads and not isinstance(loads[0].load, OpenLoad) else "requests/s offered"


def _draw_latency(panel: Any, loads: Sequence[Measured], objective: float) -> None:
    answered = [(m, m.latency) for m in loads if m.latency]
    for curve in CURVES:
        offered = [_offered(m) for m, _ in answered]
        panel.plot(offered, [latency[curve] for _, latency in answered], marker="o", label=curve)
    panel.axhline(objective, color="tab:gray", linestyle="--", label=f"objective {objective:g} s")
    panel.set(title="due to done", xlabel=_unit(loads), ylabel="s", ylim=(0, None))
    panel.legend()


def _draw_throughput(panel: Any, loads: Sequence[Measured]) -> None:
    offered = [_offered(m) for m in loads]
    panel.plot(offered, [m.requests_per_second for m in loads], marker="o", label="done")
    panel.plot(offered, [m.goodput for m in loads], marker=".", label="within objective")
    if loads and isinstance(loads[0].load, OpenLoad):
        panel.plot(offered, offered, color="tab:gray", linestyle=":", label="offered")
    panel.set(title="throughput", xlabel=_unit(loads), ylabel="sets/s", ylim=(0, None))
    panel.legend(loc="upper left")
    images = panel.twinx()
    rates = [m.images_per_second for m in loads]
    images.plot(offered, rates, marker="x", linestyle="", color="tab:green")
    images.set(ylabel="images/s (green)", ylim=(0, None))


def _draw_stages(panel: Any, loads: Sequence[Measured]) -> None:
    """Mean seconds of each stage side by side: stages overlap, so a stack would lie."""
    names = list(dict.fromkeys(name for m in loads for name in m.stages))
    width = 0.8 / max(1, len(loads))
    for number, measured in enumerate(loads):
        places = [place + number * width for place in range(len(names))]
        means = [measured.stages.get(name, {}).get("mean", 0.0) for name in names]
        panel.bar(places, means, width, label=measured.load.name)
    middles = [place + width * (len(loads) - 1) / 2 for place in range(len(names))]
    panel.set(title="stages, mean", ylabel="s", xticks=middles, xticklabels=names)
    panel.tick_params(axis="x", rotation=30)
    if names:
        panel.legend(fontsize="small")


def _draw_spread(panel: Any, loads: Sequence[Measured], objective: float) -> None:
    """The share of a load's requests done by each second; what failed keeps a curve below 1."""
    for measured in loads:
        latencies = sorted(o.latency for o in measured.done)
        whole = len(measured.outcomes)
        shares = [(number + 1) / whole for number in range(len(latencies))]
        panel.step(latencies, shares, where="post", label=measured.load.name)
    panel.axvline(objective, color="tab:gray", linestyle="--")
    panel.set(title="share of requests done by", xlabel="s", ylim=(0, 1.02), xlim=(0, None))
    if loads:
        panel.legend(fontsize="small")
