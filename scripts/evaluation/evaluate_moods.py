"""Macro-F1, confusion matrix and calibration of the embedded mood classifier on unseen passages.

    python scripts/evaluation/evaluate_moods.py
    python scripts/evaluation/evaluate_moods.py --json runs/moods.json --misses 0

The passages were written apart from the training data. Those whose `song` ends in -f are hard: sad
words in a calm song, irony, dance songs about heartbreak. The expected calibration error (ECE) is
over ten bins of equal width (Guo et al., ICML 2017).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.common import command_line, reports
from scripts.evaluation.texts.gold import FOLDER
from scripts.training.sentiment import evaluation
from scripts.training.sentiment.passages import LANGUAGES, Passage, labels_of, read_passages
from songdalle_core.moods import MOODS
from songdalle_core.sentiment import MoodClassifier, Sentiment


@dataclass(frozen=True)
class MoodFigures:
    """Figures of some passages: shares, and the expected calibration error."""

    passages: int
    accuracy: float
    macro_f1: float
    ece: float


def figures(passages: Sequence[Passage], guesses: Sequence[Sentiment]) -> MoodFigures:
    """Accuracy, macro-F1 over the five moods, and calibration error."""
    labels, probabilities = labels_of(passages), _probabilities(guesses)
    return MoodFigures(
        passages=len(passages),
        accuracy=float((probabilities.argmax(axis=1) == labels).mean()),
        macro_f1=evaluation.macro_f1(labels, probabilities),
        ece=evaluation.calibration_error(probabilities, labels),
    )


def by_group(passages: Sequence[Passage], guesses: Sequence[Sentiment]) -> dict[str, MoodFigures]:
    """Figures of all passages, of the hard ones, of the others, and of each language."""
    groups = {
        "all": [True] * len(passages),
        "hard": [is_hard(passage) for passage in passages],
        "not hard": [not is_hard(passage) for passage in passages],
        **{language: [p.language == language for p in passages] for language in LANGUAGES},
    }
    return {
        name: figures(
            [p for p, own in zip(passages, chosen, strict=True) if own],
            [g for g, own in zip(guesses, chosen, strict=True) if own],
        )
        for name, chosen in groups.items()
        if any(chosen)
    }


def is_hard(passage: Passage) -> bool:
    """True if the passage's words point to another mood than the passage does."""
    return passage.song.endswith("-f")


def confusions(passages: Sequence[Passage], guesses: Sequence[Sentiment]) -> list[list[int]]:
    """Counts, true moods down, guessed moods across, in `MOODS` order."""
    counts: list[list[int]] = evaluation.confusions(
        labels_of(passages), _probabilities(guesses)
    ).tolist()
    return counts


def _probabilities(guesses: Sequence[Sentiment]) -> NDArray[np.float64]:
    """Probabilities (passages, moods)."""
    return np.array([[guess.scores[mood] for mood in MOODS] for guess in guesses])


def main(arguments: list[str] | None = None) -> int:
    parser = command_line.parser(__doc__, "json", "misses")
    command_line.add_data(parser, FOLDER / "mood_gold.jsonl", "labelled passages")
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FOLDER",
        help="folder with sentiment/ and SHA256SUMS (default: the package's)",
    )
    options = parser.parse_args(arguments)
    passages = command_line.read(parser, read_passages, options.data)
    classifier = MoodClassifier.load(options.weights)
    guesses = classifier.classify_many([passage.text for passage in passages])
    groups = by_group(passages, guesses)
    header = ("passages", "count", "accuracy", "macro-F1", "ECE")
    print(reports.table(header, [(name, *asdict(each).values()) for name, each in groups.items()]))
    matrix = confusions(passages, guesses)
    f1 = evaluation.mood_f1(labels_of(passages), _probabilities(guesses)).tolist()
    rows = [(m, *row, each) for m, row, each in zip(MOODS, matrix, f1, strict=True)]
    print("\n" + reports.table(("true \\ guessed", *MOODS, "F1"), rows))
    wrong = [(p, g) for p, g in zip(passages, guesses, strict=True) if p.mood != g.label]
    for passage, guess in wrong[: options.misses]:
        print(f"\n{passage.mood}, guessed {guess.label} with {guess.scores[guess.label]:.2f}")
        print("  " + passage.text.replace("\n", " / "))
    report = {name: asdict(each) for name, each in groups.items()}
    f1_of = dict(zip(MOODS, f1, strict=True))
    reports.write_json(options.json, {"groups": report, "confusions": matrix, "f1": f1_of})
    return 0


if __name__ == "__main__":
    sys.exit(main())
