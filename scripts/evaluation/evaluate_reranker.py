"""Does the reranker pick what the prompt says? Held-out scenes, twelve candidates that differ in one thing.

    python scripts/evaluation/evaluate_reranker.py --art data/art
    python scripts/evaluation/evaluate_reranker.py --art data/art --json picks.json \\
        --reranker local-dir:runs/export/clip

For each field (subject, setting, light, weather, mood, style) a caption that names everything is put to the
reranker with twelve scenes of other layouts, of which only the first fits; chance is one in twelve. No step of
training saw these scenes. Intervals are of 95%, by bootstrap over questions.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

from scripts.evaluation.covers.figures import Figure, figure
from scripts.training.clip.composed import ComposerScenes
from scripts.training.clip.evaluation import CHOICES, ask
from scripts.training.clip.scenes import SceneSource
from scripts.training.scenes.art import DEFAULT_SETS, ArtError
from songdalle_core.artifacts import WeightsError
from songdalle_core.reranking import ClipReranker

SCENE_SIZE = 128
BARS = {"concept": 0.97, "setting": 0.90, "mood": 0.75, "style": 0.75}


def measure(reranker: ClipReranker, source: SceneSource, questions: int) -> list[Figure]:
    """The share of questions answered, for each field."""
    found = []
    for field in source.values:
        captions, pictures = ask(source, field, questions)
        sets = np.stack(pictures).reshape(len(captions), CHOICES, *pictures[0].shape)
        right = [
            float(reranker.rank(text, candidates)[0] == 0)
            for text, candidates in zip(captions, sets, strict=True)
        ]
        found.append(figure(field, right, BARS.get(field)))
    return found


def table(figures: list[Figure]) -> str:
    """As markdown."""
    rows = [
        f"| {f.name} | {f.value:.1%} ({f.low:.1%} to {f.high:.1%}) | "
        f"{'' if f.bar is None else f'{f.bar:.0%}, ' + ('met' if f.met else 'missed')} |"
        for f in figures
    ]
    return "\n".join(["| differ in | picked | bar |", "|---|---|---|", *rows])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--art", type=Path, required=True, help="folder of fetch_art.py")
    parser.add_argument("--reranker", default="embedded", help="open_clip model, or embedded")
    parser.add_argument("--questions", type=int, default=200, help="for each field (default 200)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    args = parser.parse_args(arguments)
    if args.questions < 1:
        parser.error("--questions is at least 1")
    torch.set_num_threads(args.threads)
    try:
        source = ComposerScenes(args.art, SCENE_SIZE, DEFAULT_SETS)
        reranker = ClipReranker.load(args.reranker)
    except (ArtError, OSError, ValueError, WeightsError) as error:
        parser.error(str(error))
    figures = measure(reranker, source, args.questions)
    print(table(figures))
    if args.json:
        told = {f.name: {"value": f.value, "low": f.low, "high": f.high} for f in figures}
        args.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
