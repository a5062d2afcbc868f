"""The figures of a corpus as they go into the JSON, from which the page is made."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from scripts.corpus.description.figures import Figures, merged
from songdalle_core.intervals import wilson_interval
from songdalle_core.moods import MOODS

ORIGINAL = {
    "tokens": {"mean": 267, "least": 6, "most": 998},
    "summary tokens": {"mean": 14, "least": 1, "most": 24},
}
"""The original's songs of Melon's charts, in tokens of KoBART; ours are morphemes of kiwi."""
WORDS = 30


def report(by_decade: Mapping[str, Figures], empty: int, seconds: float) -> dict[str, Any]:
    """Everything in numbers.

    Args:
        empty: songs without lyrics.
        seconds: that the measuring took.
    """
    whole = merged(by_decade)
    return {
        "songs": whole.songs,
        "songs_without_lyrics": empty,
        "songs_analysed": whole.analysed,
        "seconds": round(seconds, 1),
        "lengths": {
            "characters": lengths(whole.characters),
            "lines": lengths(whole.lines),
            "tokens": lengths(whole.tokens),
            "summary characters": lengths(whole.summary_characters),
            "summary tokens": lengths(whole.summary_tokens),
        },
        "the_originals": ORIGINAL,
        "histograms": {
            "characters": bins(whole.characters),
            "tokens": bins(whole.tokens),
        },
        "all": _decade("all", whole),
        "by_decade": [_decade(name, by_decade[name]) for name in sorted(by_decade)],
    }


def _decade(name: str, figures: Figures) -> dict[str, Any]:
    return {
        "decade": name,
        "songs": figures.songs,
        "analysed": figures.analysed,
        "languages": dict(figures.languages.most_common()),
        "characters": lengths(figures.characters),
        "tokens": lengths(figures.tokens),
        "repeated_lines": figures.repeated.as_json(),
        "packed": figures.packed.as_json(),
        "moods": {mood: share(figures.moods[mood], figures.analysed) for mood in MOODS},
        "picturable_nouns": figures.pictured.as_json(),
        "words": most(figures.words),
        "picturable": most(figures.picturable),
    }


def most(counted: Counter[str]) -> list[tuple[str, int]]:
    """The most frequent words; of equally frequent ones the first in the alphabet."""
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:WORDS]


def lengths(histogram: Counter[int]) -> dict[str, float | int] | None:
    """Mean, extremes and quartiles of a histogram; None of an empty one."""
    count = histogram.total()
    if not count:
        return None
    ordered = sorted(histogram.items())
    return {
        "mean": round(sum(value * times for value, times in ordered) / count, 1),
        "least": ordered[0][0],
        **{name: _quantile(ordered, part * count) for name, part in QUANTILES.items()},
        "most": ordered[-1][0],
        "songs": count,
    }


QUANTILES = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}


def _quantile(ordered: list[tuple[int, int]], rank: float) -> int:
    seen = 0
    for value, times in ordered:
        seen += times
        if seen >= rank:
            return value
    return ordered[-1][0]


def bins(histogram: Counter[int], most: int = 40) -> dict[str, list[int]]:
    """At most `most` bins of equal width up to the 99.5th percentile; what is longer goes in the last.

    Returns:
        `edges`, the lower one of each bin, and `counts`.
    """
    if not histogram:
        return {"edges": [], "counts": []}
    top = _quantile(sorted(histogram.items()), 0.995 * histogram.total())
    width = max(1, math.ceil((top + 1) / most))
    counts = [0] * (top // width + 1)
    for value, times in histogram.items():
        counts[min(value // width, len(counts) - 1)] += times
    return {"edges": [number * width for number in range(len(counts))], "counts": counts}


def share(count: int, total: int) -> dict[str, float] | None:
    """A share with its 95% interval; None of nothing."""
    if not total:
        return None
    low, high = wilson_interval(count, total)
    return {"share": count / total, "low": low, "high": high}
