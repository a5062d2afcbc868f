"""The plots of a described corpus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from songdalle_core.moods import MOODS

BLUE = "#3b6ea5"
LANGUAGES = {"ko": "#3b6ea5", "mixed": "#8db4d8", "en": "#d98c3f", "other": "#a0a0a8"}
MOOD_COLOURS = dict(
    zip(MOODS, ("#4a6fa5", "#b5482f", "#6b4f8a", "#e0a63a", "#5d9a76"), strict=True)
)


def lengths(histogram: dict[str, list[int]], unit: str, mean: float) -> Figure:
    """How long songs are."""
    figure, axes = _axes()
    edges = histogram["edges"]
    width = edges[1] if len(edges) > 1 else 1
    axes.bar(edges, histogram["counts"], width=width * 0.92, align="edge", color=BLUE)
    axes.axvline(mean, color="#1d1d22", linestyle="--", linewidth=1, label=f"mean {mean:.0f}")
    axes.set(xlabel=f"{unit} a song", ylabel="songs")
    axes.legend(frameon=False)
    return figure


def languages(decades: Sequence[dict[str, Any]]) -> Figure:
    """Songs by decade and language."""
    series = {name: [d["languages"].get(name, 0) for d in decades] for name in LANGUAGES}
    return _stacked(decades, series, LANGUAGES, "songs")


def moods(decades: Sequence[dict[str, Any]]) -> Figure:
    """Shares of moods by decade."""
    analysed = [decade for decade in decades if decade["analysed"]]
    series = {mood: [d["moods"][mood]["share"] for d in analysed] for mood in MOODS}
    return _stacked(analysed, series, MOOD_COLOURS, "share of songs")


def means(decades: Sequence[dict[str, Any]], name: str, label: str) -> Figure:
    """The mean of a figure by decade, with its interval."""
    figure, axes = _axes()
    known = [decade for decade in decades if decade[name]]
    values = [decade[name]["mean"] for decade in known]
    spans = [[v - d[name]["low"], d[name]["high"] - v] for v, d in zip(values, known, strict=True)]
    places = range(len(known))
    axes.errorbar(
        places, values, yerr=list(zip(*spans, strict=True)), fmt="o-", color=BLUE, capsize=3
    )
    axes.set(ylabel=label, ylim=(0, None))
    axes.set_xticks(places, [decade["decade"] for decade in known])
    return figure


def words(counted: Sequence[tuple[str, int]], songs: int) -> Figure:
    """In how large a share of the songs the most frequent words come."""
    figure = Figure(figsize=(7.5, 0.27 * len(counted) + 0.9), layout="constrained")
    axes = figure.subplots()
    axes.barh([word for word, _ in counted], [count / songs for _, count in counted], color=BLUE)
    axes.invert_yaxis()
    axes.set(xlabel="share of songs")
    _plain(axes, "x")
    return figure


def _stacked(
    decades: Sequence[dict[str, Any]],
    series: Mapping[Any, list[float]],
    colours: Mapping[Any, str],
    label: str,
) -> Figure:
    figure, axes = _axes()
    base = [0.0] * len(decades)
    for name, values in series.items():
        if any(values):
            axes.bar(range(len(decades)), values, bottom=base, color=colours[name], label=name)
        base = [below + value for below, value in zip(base, values, strict=True)]
    axes.set(ylabel=label)
    axes.set_xticks(range(len(decades)), [decade["decade"] for decade in decades])
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _axes() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.5, 3.4), layout="constrained")
    axes = figure.subplots()
    _plain(axes, "y")
    return figure, axes


def _plain(axes: Axes, grid: Literal["x", "y"]) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, alpha=0.3)
    axes.set_axisbelow(True)
