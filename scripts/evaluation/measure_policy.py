"""Measure what the policy's picture check says of harmless pictures, to choose thresholds by.

    python scripts/evaluation/measure_policy.py --art data/art --scenes 400
    python scripts/evaluation/measure_policy.py --folder ~/.local/share/song-dalle/covers
    python scripts/evaluation/measure_policy.py --folder covers --reranker ViT-B-32 \\
        --pretrained laion2b_s34b_b79k

The pictures should be of the kind that the service draws and all fit to be shown: what is withheld of them is
withheld in error. Captions of scenes go through the check of prompts as well.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scripts.common import command_line, reports
from scripts.training.scenes import art
from scripts.training.scenes.composer import Composer
from songdalle_core.policy import check_prompt
from songdalle_core.policy.pictures import PictureCheck
from songdalle_core.reranking import EMBEDDED, ClipReranker

BATCH = 25
FIRST_SCENE = 900_000  # seeds that no training has reached
QUANTILES = (0.5, 0.95, 0.99, 1.0)
Picture = tuple[np.ndarray, str | None]


def scenes(folder: Path, sets: Sequence[str], count: int, seed: int) -> Iterator[Picture]:
    """Training scenes, uint8 (128, 128, 3), with their captions."""
    composer = Composer(folder, sets=sets)
    for number in range(seed, seed + count):
        scene = composer.scene(number)
        yield scene.image, scene.caption


def pictures(folder: Path) -> Iterator[Picture]:
    """Every PNG, WebP and JPEG below a folder, in one size so that they make batches."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".png", ".webp", ".jpg", ".jpeg"):
            with Image.open(path) as image:
                yield np.asarray(image.convert("RGB").resize((256, 256))), None


def measure(reranker: ClipReranker, shown: Iterator[Picture]) -> tuple[np.ndarray, list[str]]:
    """Probabilities (N, R) of the subjects, and the captions that would be refused as prompts."""
    check = PictureCheck()
    panel = reranker.read(check.texts)
    rows: list[np.ndarray] = []
    refused = []
    while batch := list(islice(shown, BATCH)):
        images = np.stack([image for image, _ in batch])
        rows.append(check.probabilities(reranker.compare("", images, panel)[1]))
        refused += [caption for _, caption in batch if caption and check_prompt(caption)]
    if not rows:
        raise SystemExit("there are no pictures: give --folder or --scenes")
    return np.concatenate(rows), refused


def report(
    probabilities: np.ndarray, refused: list[str], model: str, threshold: float
) -> dict[str, Any]:
    """The figures: quantiles of each subject, and which share its threshold would withhold."""
    subjects = {}
    for subject, column in zip(PictureCheck().subjects, probabilities.T, strict=True):
        quantiles = {f"{q:g}": round(float(np.quantile(column, q)), 4) for q in QUANTILES}
        subjects[subject] = {**quantiles, "withheld": float((column >= threshold).mean())}
    return {
        "threshold": threshold,
        "withheld": float((probabilities >= threshold).any(axis=1).mean()),
        "model": model,
        "pictures": len(probabilities),
        "captions_refused": refused,
        "subjects": subjects,
    }


def main(arguments: list[str] | None = None) -> int:
    parser = command_line.parser(__doc__, "seed", "json")
    parser.set_defaults(seed=FIRST_SCENE)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--folder", type=Path, help="pictures, also in folders below it")
    source.add_argument("--scenes", type=command_line.count, help="compose so many training scenes")
    art.add_arguments(parser)
    parser.add_argument(
        "--reranker", default=EMBEDDED, help="any model of songdalle_core.reranking"
    )
    parser.add_argument("--pretrained", help="open_clip's tag of its weights")
    parser.add_argument("--threshold", type=float, default=0.9, help="of every subject")
    args = parser.parse_args(arguments)
    reranker = ClipReranker.load(args.reranker, args.pretrained)
    shown = (
        pictures(args.folder)
        if args.folder
        else scenes(args.art, args.sets, args.scenes, args.seed)
    )
    figures = report(*measure(reranker, shown), reranker.name, args.threshold)
    print(f"{figures['pictures']} pictures, {figures['model']}, threshold {args.threshold:g}")
    rows = [
        (subject, *(f"{value:.4f}" for value in quantiles), f"{withheld:.1%}")
        for subject, (*quantiles, withheld) in (
            (subject, values.values()) for subject, values in figures["subjects"].items()
        )
    ]
    print(reports.table(("probability", "median", "95 %", "99 %", "max", "withheld"), rows))
    print(f"withheld for any of them: {figures['withheld']:.1%}")
    for caption in figures["captions_refused"]:
        print(f"refused as a prompt: {caption}")
    reports.write_json(args.json, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
