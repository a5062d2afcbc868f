"""Does the reranker pick what the prompt says? Held-out scenes, twelve candidates that differ in one thing.

    python scripts/evaluation/evaluate_reranker.py --art data/art
    python scripts/evaluation/evaluate_reranker.py --art data/art --json picks.json \\
        --reranker local-dir:runs/export/clip

For each field (subject, setting, light, weather, mood, style) a caption that names everything is put to the
reranker with twelve scenes of other layouts, of which only the first fits; chance is one in twelve. No step of
training saw these scenes. Intervals are of 95%, by bootstrap over questions.
"""

from __future__ import annotations

import sys

import numpy as np
import torch

from scripts.common import command_line, reports
from scripts.evaluation.covers.figures import Figure, figure
from scripts.training.clip.composed import ComposerScenes
from scripts.training.clip.evaluation import CHOICES, ask
from scripts.training.clip.scenes import SceneSource
from scripts.training.scenes import art
from songdalle_core.artifacts import WeightsError
from songdalle_core.reranking import ClipReranker

BARS = {"concept": 0.97, "setting": 0.90, "mood": 0.75, "style": 0.75}


def measure(reranker: ClipReranker, source: SceneSource, questions: int) -> list[Figure]:
    """The share of questions answered, for each field."""
    figures = []
    for field in source.values:
        captions, pictures = ask(source, field, questions)
        sets = np.stack(pictures).reshape(len(captions), CHOICES, *pictures[0].shape)
        right = [
            float(reranker.rank(text, candidates)[0] == 0)
            for text, candidates in zip(captions, sets, strict=True)
        ]
        figures.append(figure(field, right, BARS.get(field)))
    return figures


def table(figures: list[Figure]) -> str:
    """As markdown."""
    rows = [
        (
            f.name,
            f"{f.value:.1%} ({f.low:.1%} to {f.high:.1%})",
            "" if f.bar is None else f"{f.bar:.0%}, {'met' if f.met else 'missed'}",
        )
        for f in figures
    ]
    return reports.markdown(("differ in", "picked", "bar"), rows)


def main(arguments: list[str] | None = None) -> int:
    parser = command_line.parser(__doc__, "threads", "json")
    art.add_arguments(parser)
    parser.add_argument("--reranker", default="embedded", help="open_clip model")
    parser.add_argument("--questions", type=command_line.count, default=200, help="for each field")
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    try:
        source = ComposerScenes(args.art, args.sets)
        reranker = ClipReranker.load(args.reranker)
    except (art.ArtError, OSError, ValueError, WeightsError) as error:
        parser.error(str(error))
    figures = measure(reranker, source, args.questions)
    print(table(figures))
    reports.write_json(
        args.json, {f.name: {"value": f.value, "low": f.low, "high": f.high} for f in figures}
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
