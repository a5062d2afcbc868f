"""The course of a training run, and what a classifier takes for what, as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def draw_curves(
    history: Sequence[Mapping[str, float]],
    panels: Mapping[str, Sequence[str]],
    path: Path,
    over: str = "step",
) -> None:
    """Figures of a run over its steps, as a PNG.

    Args:
        history: the measures in their order; every one has the figure `over`.
        panels: the names of the figures that each panel shows, by its title.
        over: the figure on the horizontal axis.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5 * len(panels), 4), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (title, names) in zip(axes, panels.items(), strict=True):
        for name in names:
            values = [row[name] for row in history]
            axis.plot([row[over] for row in history], values, marker=".", label=name)
        axis.set(title=title, xlabel=over)
        axis.grid(alpha=0.3)
        if len(names) > 1:
            axis.legend(fontsize="small")
    figure.savefig(path, dpi=100, metadata={"Software": None})


def draw_confusions(counts: NDArray[np.int64], labels: Sequence[str], path: Path) -> None:
    """Counts (true, predicted) as a heat map of the shares of each true label."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, 5), layout="constrained")
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    ticks = range(len(labels))
    axes.set(xticks=ticks, yticks=ticks, xlabel="predicted", ylabel="true")
    axes.set_xticklabels(labels, rotation=30)
    axes.set_yticklabels(labels)
    for row in ticks:
        for column in ticks:
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour)
    figure.savefig(path, dpi=100, metadata={"Software": None})
