"""The CLIP score table: what each transformation of the prompt does, alone and together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scripts.evaluation.covers.drawing import Painter
from scripts.evaluation.covers.figures import Figure, figure, judged
from scripts.evaluation.covers.prompts import CoverPrompt
from scripts.evaluation.covers.writing import BARE, WORDINGS, Wording, Writer, reference
from scripts.training.judge.judge import Judge


@dataclass(frozen=True)
class WordingFigures:
    """One row, over prompts.

    Attributes:
        words: mean length of the prompts.
        own: CLIP score of the covers against the prompt that drew them.
        reference: CLIP score against the same words in every row: the subject and mood asked for.
        gain: `reference` less that of the first row, prompt by prompt; None in the first.
        near: the judge finds the subject among its five likeliest.
    """

    name: str
    words: float
    own: Figure
    reference: Figure
    gain: Figure | None
    near: Figure


def compare_wordings(
    prompts: Sequence[CoverPrompt],
    writer: Writer,
    painter: Painter,
    judge: Judge,
    candidates: int,
    seed_of: Callable[[CoverPrompt], int],
    tick: Callable[[], None],
) -> list[WordingFigures]:
    """Draw every prompt in every wording with the same seeds."""
    rows: list[WordingFigures] = []
    bare: list[float] = []
    for name, wording in WORDINGS.items():
        drawn = []
        for prompt in prompts:
            drawn.append(
                _measured(prompt, wording, writer, painter, judge, candidates, seed_of(prompt))
            )
            tick()
        words, own, against_reference, near = (list(column) for column in zip(*drawn, strict=True))
        if wording == BARE:
            bare = against_reference
        gain = [mine - other for mine, other in zip(against_reference, bare, strict=True)]
        rows.append(
            WordingFigures(
                name,
                float(np.mean(words)),
                figure(name, own),
                figure(name, against_reference),
                None if wording == BARE else figure(name, gain),
                figure(name, near),
            )
        )
    return rows


def _measured(
    prompt: CoverPrompt,
    wording: Wording,
    writer: Writer,
    painter: Painter,
    judge: Judge,
    candidates: int,
    seed: int,
) -> tuple[float, float, float, float]:
    """Words, own score, reference score and top-5 share of one prompt's covers."""
    covers = painter.paint(writer.write(prompt, wording), candidates, seed)
    scores = painter.reranker.score(reference(prompt), covers.pictures)
    outcome = judged(judge, prompt, covers)
    return (
        float(len(covers.prompt.split())),
        float(covers.scores.mean()),
        float(scores.mean()),
        float(outcome.near.mean()),
    )
