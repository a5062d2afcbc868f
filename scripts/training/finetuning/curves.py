"""The course of a run as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def draw_history(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Losses, and all other figures, over the epochs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in history]
    for name in (key for key in history[0] if key not in ("epoch", "step")):
        axes = left if name.endswith("loss") else right
        axes.plot(epochs, [row[name] for row in history], marker=".", label=name)
    left.set(title="loss", xlabel="epoch")
    right.set(title="held-out songs", xlabel="epoch", ylim=(0, 1.02))
    for axes in (left, right):
        if axes.get_lines():
            axes.legend(fontsize="small")
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
