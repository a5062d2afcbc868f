"""CLIP scores of the covers that prompts give, against their own prompt and against one reference a song."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from scripts.common.intervals import bootstrap_interval
from scripts.evaluation.covers.drawing import Painter

SEED_STEP = 1000  # between the seeds of neighbouring songs


@dataclass
class Row:
    """One way to write prompts.

    Attributes:
        own: mean score of each song's covers against the prompt that drew them.
        reference: against the song's reference, which is the same in every row.
        best: each song's covers, best first, those that the page shows.
    """

    name: str
    prompts: list[str] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    reference: list[float] = field(default_factory=list)
    best: list[npt.NDArray[np.uint8]] = field(default_factory=list)


def draw_rows(
    prompts: Mapping[str, Sequence[str]],
    references: Sequence[str],
    painter: Painter,
    candidates: int,
    seed: int,
    shown: int,
    tick: Callable[[], None],
) -> list[Row]:
    """Draw each way's prompt of each song, with the same seeds.

    Args:
        prompts: of each way, one a song.
        references: what a cover of each song should show.
        shown: covers that are kept of a song.
    """
    rows = []
    for name, written in prompts.items():
        row = Row(name)
        for number, (prompt, reference) in enumerate(zip(written, references, strict=True)):
            covers = painter.paint(prompt, candidates, seed + SEED_STEP * number)
            row.prompts.append(prompt)
            row.own.append(float(covers.scores.mean()))
            row.reference.append(float(painter.reranker.score(reference, covers.pictures).mean()))
            row.best.append(covers.pictures[:shown])
            tick()
        rows.append(row)
    return rows


def figures(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Means over songs with their 95% intervals; `gain` is over the first row, song by song."""
    first = np.array(rows[0].reference)
    return [
        {
            "name": row.name,
            "words": float(np.mean([len(prompt.split()) for prompt in row.prompts])),
            "own": asdict(bootstrap_interval(row.own)),
            "reference": asdict(bootstrap_interval(row.reference)),
            "gain": asdict(bootstrap_interval(np.array(row.reference) - first)) if number else None,
        }
        for number, row in enumerate(rows)
    ]
