"""Compare mood classifiers of several kinds on the same held-out songs and draw the confusions.

    python scripts/evaluation/compare_sentiment.py

Writes `docs/sentiment.json`, the table in `docs/sentiment.md` and `docs/sentiment_confusion.png`
(the confusions and the penalty of the shipped model come from `sentiment/metrics.json`).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from scripts.training import train_sentiment
from scripts.training.sentiment import evaluation
from scripts.training.sentiment.linear import Matrix, fit
from scripts.training.sentiment.neural import bag_logits, encoder_logits
from scripts.training.sentiment.passages import Passage, read_passages
from songdalle_core.artifacts import WEIGHTS, sha256
from songdalle_core.moods import MOODS

LINEAR = {
    "kiwi morphemes, linear": ("morphemes",),
    "character n-grams, linear": ("characters",),
    "kiwi word vectors, linear": ("words",),
    "characters + morphemes, linear": ("characters", "morphemes"),
    "characters + morphemes + vectors, linear": train_sentiment.VIEWS,
}
BAG, ENCODER = "fastText-style bag", "character transformer"
SHIPPED = "characters + morphemes + vectors, linear"


Predictor = Callable[[evaluation.Split], Matrix]


def compare(passages: Sequence[Passage], words: Any, options: Any) -> dict[str, dict[str, float]]:
    """Macro-F1 and seconds of training and prediction of each kind, best first.

    Held-out logits are kept below `options.cache`, so that a run that was cut short goes on;
    delete them after changing a classifier.
    """
    whole, lines = evaluation.texts_of(passages)
    folds = list(
        evaluation.splits(whole, lines, words, train_sentiment.VIEWS, options.folds, options.seed)
    )
    stem = f"sentiment_logits-{sha256(options.data)[:12]}-{options.folds}-{options.seed}"
    logits: dict[str, Matrix] = {}
    seconds: dict[str, float] = {}
    for name, predict in _predictors(passages, whole, options).items():
        logits[name], seconds[name] = np.zeros((len(passages), len(MOODS))), 0.0
        for number, split in enumerate(folds):
            kept = options.cache / f"{stem}-{zlib.crc32(name.encode()):08x}-{number}.npz"
            if not kept.is_file():
                began = time.perf_counter()
                found = predict(split)
                np.savez(kept, logits=found, seconds=time.perf_counter() - began)
            with np.load(kept) as file:
                logits[name][split.held_out] = file["logits"]
                seconds[name] += float(file["seconds"])
        score = evaluation.macro_f1(whole.labels, logits[name])
        print(f"macro-F1 {score:.3f}  {name}  ({seconds[name]:.0f} s)", flush=True)
    for others in ((BAG,), (BAG, ENCODER)):
        parts = (SHIPPED, *others)
        name = " + ".join(("ensemble: linear", *others))
        logits[name] = np.sum([_log_softmax(logits[part]) for part in parts], axis=0)
        seconds[name] = sum(seconds[part] for part in parts)
    scores = {name: evaluation.macro_f1(whole.labels, table) for name, table in logits.items()}
    return {
        name: {"macro_f1": round(scores[name], 4), "seconds": round(seconds[name], 1)}
        for name in sorted(scores, key=lambda name: -scores[name])
    }


def _predictors(
    passages: Sequence[Passage], whole: evaluation.Texts, options: Any
) -> dict[str, Predictor]:
    """For each kind, what computes its logits (passages, moods) on the held-out songs of a fold."""
    texts = [passage.text for passage in passages]

    def linear(views: tuple[str, ...], split: evaluation.Split) -> Matrix:
        known, unseen, _ = ({name: split.matrices[name][i] for name in views} for i in range(3))
        model = fit(known, whole.labels[split.train], options.inverse_penalty)
        return model.logits(unseen)

    def network(
        train: Callable[..., Matrix], inputs: Sequence[Any], split: evaluation.Split
    ) -> Matrix:
        known, unseen = _of(inputs, split.train), _of(inputs, split.held_out)
        return train(known, whole.labels[split.train], unseen, options.seed)

    return {
        ENCODER: partial(network, encoder_logits, texts),
        **{name: partial(linear, views) for name, views in LINEAR.items()},
        BAG: partial(network, bag_logits, whole.terms),
    }


def _of(items: Sequence[Any], rows: NDArray[np.int64]) -> list[Any]:
    return [items[int(row)] for row in rows]


def _log_softmax(logits: Matrix) -> Matrix:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def draw_confusions(counts: Matrix, path: Path) -> None:
    """The confusion matrix (true, predicted) as a picture, shares of each true mood."""
    mpl.use("Agg")
    from matplotlib import pyplot

    shares = counts / counts.sum(axis=1, keepdims=True)
    figure, axes = pyplot.subplots(figsize=(5.4, 4.8), layout="constrained")
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        axes.text(
            column,
            row,
            f"{share:.0%}\n{int(counts[row, column])}",
            ha="center",
            va="center",
            color="white" if share > 0.5 else "black",
        )
    axes.set_xticks(range(len(MOODS)), MOODS)
    axes.set_yticks(range(len(MOODS)), MOODS)
    axes.set_xlabel("predicted")
    axes.set_ylabel("labelled")
    axes.set_title("Moods of held-out songs")
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def table(results: dict[str, dict[str, float]]) -> str:
    """The results as a Markdown table."""
    rows = [f"| {name} | {r['macro_f1']:.3f} | {r['seconds']:.0f} |" for name, r in results.items()]
    return "\n".join(["| classifier | macro-F1 | seconds |", "|---|---|---|", *rows])


def with_table(page: str, results: dict[str, dict[str, float]]) -> str:
    """The page with its table of classifiers replaced.

    Raises:
        ValueError: the page has no table of this kind.
    """
    lines = page.split("\n")
    first = next((n for n, line in enumerate(lines) if line.startswith("| classifier |")), None)
    if first is None:
        raise ValueError("docs/sentiment.md lost its table: restore a line '| classifier |'")
    after = next((n for n in range(first, len(lines)) if not lines[n].startswith("|")), len(lines))
    return "\n".join([*lines[:first], table(results), *lines[after:]])


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    defaults = train_sentiment.parser()
    for name, kind in (("data", Path), ("lexicon", Path), ("cache", Path)):
        made.add_argument(f"--{name}", type=kind, default=defaults.get_default(name))
    made.add_argument("--metrics", type=Path, default=WEIGHTS / train_sentiment.METRICS_NAME)
    made.add_argument("--docs", type=Path, default=train_sentiment.ROOT / "docs")
    made.add_argument("--seed", type=int, default=0, help="shuffle and networks (default: 0)")
    made.add_argument("--folds", type=int, default=5, help="parts of the shuffle (default: 5)")
    made.add_argument("--anchors", type=int, default=defaults.get_default("anchors"))
    made.add_argument("--inverse-penalty", type=float, default=10.0, metavar="C")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison; see the module's first lines."""
    options = parser().parse_args(arguments)
    metrics = json.loads(options.metrics.read_text(encoding="utf-8"))
    draw_confusions(
        np.array(metrics["confusion_of_first_repeat"], dtype=np.float64),
        options.docs / "sentiment_confusion.png",
    )
    passages = read_passages(options.data)
    results = compare(passages, train_sentiment.word_vectors(options), options)
    report = {"data_sha256": sha256(options.data), "folds": options.folds, "seed": options.seed}
    text = json.dumps({**report, "classifiers": results}, indent=2) + "\n"
    (options.docs / "sentiment.json").write_text(text, encoding="utf-8")
    page = options.docs / "sentiment.md"
    page.write_text(with_table(page.read_text(encoding="utf-8"), results), encoding="utf-8")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
