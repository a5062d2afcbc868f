"""The picture of two builds side by side: times, covers a second, and what each process takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from loadtests.compare.build_figures import BY_PROCESS, BuildsComparison, ordered
from loadtests.service.usage import Owner

TIMES = {
    "lone": "lone request",
    "first_preview": "first preview",
    "p50": "all, p50",
    "p95": "all, p95",
}


def draw_builds(comparison: BuildsComparison, path: Path) -> None:
    """Write a PNG: above times and rates of both builds, below what each process takes, stacked."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(14, 9), layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=[2, 3])[:, 0]
    times, rates, start = above.subplots(1, 3, width_ratios=[3, 1, 1])
    _draw_times(times, comparison)
    _draw_one(rates, comparison, "images_per_second", "covers a second")
    _draw_one(start, comparison, "start", "start to ready, s")
    panels = below.subplots(1, len(BY_PROCESS))
    for panel, name in zip(panels, BY_PROCESS, strict=True):
        _draw_processes(panel, comparison, name)
    handles, labels = panels[0].get_legend_handles_labels()
    below.legend(handles, labels, loc="outside lower center", ncols=6, fontsize="small")
    figure.suptitle(
        f"{comparison.users} users, candidates {comparison.mix}, rounds {comparison.rounds}"
    )
    figure.savefig(path, dpi=100, format="png", metadata={"Software": None})
    pyplot.close(figure)


def _draw_times(panel: Any, comparison: BuildsComparison) -> None:
    for number, build in enumerate(comparison.builds):
        headline = build.headline()
        places = [place + 0.4 * number for place in range(len(TIMES))]
        bars = panel.bar(places, [headline[name] or 0.0 for name in TIMES], 0.4, label=build.name)
        panel.bar_label(bars, fmt="%.2f")
    middles = [place + 0.2 for place in range(len(TIMES))]
    panel.set(title="seconds", xticks=middles, xticklabels=TIMES.values())
    panel.legend()


def _draw_one(panel: Any, comparison: BuildsComparison, name: str, title: str) -> None:
    names = [build.name for build in comparison.builds]
    values = [build.headline()[name] or 0.0 for build in comparison.builds]
    bars = panel.bar(names, values, color=["tab:blue", "tab:orange"])
    panel.bar_label(bars, fmt="%.1f")
    panel.set(title=title)


def _draw_processes(panel: Any, comparison: BuildsComparison, name: str) -> None:
    """One stacked bar a build; a colour a program, the same in every panel, Ray's hatched."""
    from matplotlib import colormaps

    about, unit = BY_PROCESS[name]
    programs = ordered(b.by_process(n) for n in BY_PROCESS for b in comparison.builds)
    colours = colormaps["tab20"]
    foot = [0.0 for _ in comparison.builds]
    columns = [build.by_process(name) for build in comparison.builds]
    for number, program in enumerate(programs):
        values = [column.get(program, 0.0) for column in columns]
        panel.bar(
            [build.name for build in comparison.builds],
            values,
            bottom=foot,
            label=program.name,
            color=colours(number % 20),
            hatch=None if program.owner is Owner.REPLICA else "//",
        )
        foot = [low + value for low, value in zip(foot, values, strict=True)]
    panel.set(title=f"{about}, {unit}")
