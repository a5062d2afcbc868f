"""Train the embedded mood classifier on the project's labelled lyric passages.

Compares several linear classifiers by cross-validation that never parts a song, calibrates the
best, fits it on all passages and writes `sentiment/` below the weights folder with its digests:

    python scripts/training/train_sentiment.py

The first run asks kiwi for word similarities (2-6 minutes); later runs read them from `runs/`. One
combination at one penalty takes about a minute a shuffle on two cores; the shipped weights are

    python scripts/training/train_sentiment.py --views characters+morphemes+words --inverse-penalty 10 \\
        --repeats 2
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.common import command_line, reports
from scripts.common.command_line import ROOT
from scripts.training.saving import save_weights
from scripts.training.sentiment import evaluation
from scripts.training.sentiment.embeddings import ANCHORS, Embeddings, build_embeddings
from scripts.training.sentiment.english import with_english
from scripts.training.sentiment.evaluation import Texts
from scripts.training.sentiment.linear import Matrix, TfidfView, View, WordView, fit
from scripts.training.sentiment.passages import LANGUAGES, read_passages
from scripts.training.weight_sums import update_sums
from songdalle_core.artifacts import WEIGHTS, sha256
from songdalle_core.moods import MOODS
from songdalle_core.sentiment.classifier import VOCABULARY_NAME, WEIGHTS_NAME

METRICS_NAME = "sentiment/metrics.json"
VIEWS = ("characters", "morphemes", "words")
CANDIDATES: tuple[tuple[str, ...], ...] = (
    ("morphemes",),
    ("characters",),
    ("words",),
    ("characters", "morphemes"),
    ("characters", "words"),
    VIEWS,
)


@dataclass(frozen=True)
class Candidate:
    """A combination of views and a penalty, with its held-out logits, one entry a repeat."""

    views: tuple[str, ...]
    inverse_penalty: float
    repeats: list[evaluation.Repeat]
    macro_f1: float

    @property
    def name(self) -> str:
        """Such as `characters + words, C=10`."""
        return f"{' + '.join(self.views)}, C={self.inverse_penalty:g}"


def compare(passages: Texts, lines: Texts, words: WordView, options: Any) -> list[Candidate]:
    """All candidates, best macro-F1 first."""
    shuffles = [
        list(evaluation.splits(passages, lines, words, VIEWS, options.folds, options.seed + repeat))
        for repeat in range(options.repeats)
    ]
    candidates = []
    for views in options.views or CANDIDATES:
        for penalty in options.inverse_penalty:
            repeats = [
                evaluation.held_out(folds, views, passages, lines, penalty) for folds in shuffles
            ]
            scores = [evaluation.macro_f1(passages.labels, r.passages.logits) for r in repeats]
            candidates.append(Candidate(views, penalty, repeats, float(np.mean(scores))))
            print(f"macro-F1 {np.mean(scores):.3f}  {candidates[-1].name}", flush=True)
    return sorted(candidates, key=lambda candidate: -candidate.macro_f1)


def figures(candidate: Candidate, languages: NDArray[np.str_]) -> dict[str, Any]:
    """The published figures of one candidate, all on held-out songs, means over the repeats."""
    labels = candidate.repeats[0].passages.labels
    logits = [repeat.passages.logits for repeat in candidate.repeats]
    lines = [evaluation.macro_f1(r.lines.labels, r.lines.logits) for r in candidate.repeats]
    per_mood = np.mean([evaluation.mood_f1(labels, each) for each in logits], axis=0)
    by_language = {
        language: [evaluation.macro_f1(labels[own], each[own]) for each in logits]
        for language in LANGUAGES
        if (own := languages == language).any()
    }
    errors = np.array([calibration_errors(repeat) for repeat in candidate.repeats])
    return {
        "model": candidate.name,
        "macro_f1": round(candidate.macro_f1, 4),
        "macro_f1_of_each_repeat": [round(evaluation.macro_f1(labels, each), 4) for each in logits],
        "f1": {mood: round(float(f1), 4) for mood, f1 in zip(MOODS, per_mood, strict=True)},
        "macro_f1_by_language": {k: round(float(np.mean(v)), 4) for k, v in by_language.items()},
        "macro_f1_of_single_lines": round(float(np.mean(lines)), 4),
        "ece": round(float(errors[:, 0].mean()), 4),
        "ece_of_single_lines": round(float(errors[:, 1].mean()), 4),
        "confusion_of_first_repeat": evaluation.confusions(labels, logits[0]).tolist(),
    }


def calibration_errors(repeat: evaluation.Repeat) -> tuple[float, float]:
    """Expected calibration errors of passages and of single lines, on folds not fitted on."""
    passages, lines = evaluation.crossfitted_probabilities(repeat)
    return (
        evaluation.calibration_error(passages, repeat.passages.labels),
        evaluation.calibration_error(lines, repeat.lines.labels),
    )


def write_weights(folder: Path, candidate: Candidate, passages: Texts, words: WordView) -> None:
    """Fit the candidate on everything and write its tensors and vocabulary."""
    views = evaluation.fit_views(candidate.views, passages.terms, words)
    matrices = {name: view.matrix(passages.terms) for name, view in views.items()}
    model = fit(matrices, passages.labels, candidate.inverse_penalty)
    temperature = evaluation.fit_temperature(
        [group for repeat in candidate.repeats for group in (repeat.passages, repeat.lines)]
    )
    tensors: dict[str, NDArray[Any]] = {
        "bias": model.bias.astype(np.float32),
        "temperature": np.array([temperature.limit, temperature.shortness], dtype=np.float32),
    }
    vocabulary: dict[str, list[str]] = {"moods": list(MOODS)}
    for name in VIEWS:
        vocabulary[name], block = _block(name, views.get(name), model.coefficients.get(name))
        tensors |= block
    (folder / WEIGHTS_NAME).parent.mkdir(parents=True, exist_ok=True)
    save_weights(folder / WEIGHTS_NAME, tensors)
    text = json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":"))
    (folder / VOCABULARY_NAME).write_text(text + "\n", encoding="utf-8")


def _block(
    name: str, view: View | None, table: Matrix | None
) -> tuple[list[str], dict[str, Matrix]]:
    """Terms and tensors of one view; a view the model does not use is written empty."""
    scalar, vector = ("weights", "votes") if name == "words" else ("idf", "coefficients")
    if isinstance(view, TfidfView) and table is not None:
        terms = list(view.rows)
        scalars, vectors = view.idf, table
    elif isinstance(view, WordView) and table is not None:
        terms = list(view.rows)
        rows = list(view.rows.values())
        scalars = view.weights[rows]
        vectors = view.vectors[rows] @ table
    else:
        terms, scalars, vectors = [], np.zeros(0), np.zeros((0, len(MOODS)))
    # Half precision moves a probability by less than 0.001 and halves the file.
    return terms, {
        f"{name}.{scalar}": scalars.astype(np.float16),
        f"{name}.{vector}": vectors.astype(np.float16),
    }


def word_vectors(options: Any) -> WordView:
    """Word vectors from the cache, or from kiwi the first time, with the lexicon's English."""
    cache = options.cache / f"kiwi_embeddings-{options.anchors}-{options.seed}.npz"
    if cache.is_file():
        korean = Embeddings.read(cache)
    else:
        print(f"asking kiwi for {options.anchors} rows of word similarities ...", flush=True)
        korean = build_embeddings(options.seed, options.anchors, _progress)
        korean.save(cache)
    return WordView.of(with_english(korean, options.lexicon))


def _progress(done: int, steps: int) -> None:
    if done % 40 == 0 or done == steps:
        print(f"  {done}/{steps}", flush=True)


def combination(text: str) -> tuple[str, ...]:
    """Views named as `characters+words`, in the order of `VIEWS`.

    Raises:
        argparse.ArgumentTypeError: a name is unknown.
    """
    names = text.split("+")
    if not set(names) <= set(VIEWS):
        raise argparse.ArgumentTypeError(f"{text!r}: join some of {', '.join(VIEWS)} by +")
    return tuple(name for name in VIEWS if name in names)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__, "seed")
    data, core = ROOT / "scripts" / "data", ROOT / "songdalle_core"
    command_line.add_data(made, data / "mood_passages.jsonl", "labelled passages")
    add = made.add_argument
    add("--lexicon", type=Path, default=core / "translation" / "lexicon.tsv", metavar="FILE",
        help="Korean-English lexicon that places English words")  # fmt: skip
    add("--weights", type=Path, default=WEIGHTS, metavar="DIR",
        help="folder that gets sentiment/ and SHA256SUMS")  # fmt: skip
    add("--cache", type=Path, default=ROOT / "runs", metavar="DIR", help="of the word vectors")
    add("--folds", type=int, default=5, help="parts of a shuffle")
    add("--repeats", type=int, default=3, help="shuffles")
    add("--views", type=combination, nargs="+", metavar="A+B",
        help="combinations of views to compare (default: six of them)")  # fmt: skip
    add("--anchors", type=int, default=ANCHORS, help="similarity rows asked from kiwi")
    add("--inverse-penalty", type=float, nargs="+", default=[3.0, 10.0, 30.0], metavar="C",
        help="penalties to compare")  # fmt: skip
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the whole training; see the module's first lines."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parser().parse_args(arguments)
    passages = read_passages(options.data)
    words = word_vectors(options)
    whole, lines = evaluation.texts_of(passages)
    candidates = compare(whole, lines, words, options)
    best = candidates[0]
    result = figures(best, np.array([passage.language for passage in passages]))
    print(f"\nbest: {best.name}")
    confusions = zip(MOODS, result["confusion_of_first_repeat"], strict=True)
    print(reports.table(("true \\ predicted", *MOODS), [(mood, *row) for mood, row in confusions]))
    print(json.dumps({key: result[key] for key in list(result)[1:-1]}))
    write_weights(options.weights, best, whole, words)
    report = {
        "command": shlex.join(["python", "scripts/training/train_sentiment.py", *arguments]),
        "seed": options.seed,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "data_sha256": sha256(options.data),
        "passages": len(passages),
        "songs": len({passage.song for passage in passages}),
        "validation": f"{options.folds}-fold by song, {options.repeats} shuffles",
        **result,
        "candidates": {c.name: round(c.macro_f1, 4) for c in candidates},
    }
    metrics = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    (options.weights / METRICS_NAME).write_text(metrics, encoding="utf-8")
    update_sums(options.weights, [WEIGHTS_NAME, VOCABULARY_NAME])
    return 0


if __name__ == "__main__":
    sys.exit(main())
