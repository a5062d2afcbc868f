"""Cross-validation by song, calibration and the figures that are published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.metrics import confusion_matrix, f1_score
from sklearn.model_selection import StratifiedGroupKFold

from scripts.training.sentiment.linear import Matrix, TfidfView, View, WordView, fit
from scripts.training.sentiment.passages import Passage, labels_of
from songdalle_core.moods import MOODS
from songdalle_core.sentiment.classifier import Temperature, softmax
from songdalle_core.sentiment.features import Terms, extract_many

CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Texts:
    """What is classified: passages, or their lines (which inherit mood and song)."""

    terms: Sequence[Terms]
    labels: NDArray[np.int64]
    songs: NDArray[np.str_]

    @property
    def sizes(self) -> NDArray[np.float64]:
        """Morphemes in each text (texts,)."""
        return np.array([text.size for text in self.terms])


@dataclass(frozen=True)
class Split:
    """One fold: indices, and per view the matrices of the training passages, the held-out passages
    and the held-out lines."""

    train: NDArray[np.int64]
    held_out: NDArray[np.int64]
    held_out_lines: NDArray[np.int64]
    matrices: dict[str, tuple[csr_matrix, csr_matrix, csr_matrix]]


@dataclass(frozen=True)
class HeldOut:
    """Logits (texts, moods) by models that did not see the text's song, with what judges them."""

    logits: Matrix
    labels: NDArray[np.int64]
    sizes: NDArray[np.float64]
    folds: NDArray[np.int64]


@dataclass(frozen=True)
class Repeat:
    """Held-out predictions of one shuffle, for the passages and for their single lines."""

    passages: HeldOut
    lines: HeldOut


def texts_of(passages: Sequence[Passage]) -> tuple[Texts, Texts]:
    """The passages, and their lines one by one, ready for classification."""
    labels, songs = labels_of(passages), np.array([passage.song for passage in passages])
    lines = [passage.text.split("\n") for passage in passages]
    counts = [len(each) for each in lines]
    whole = Texts(extract_many([passage.text for passage in passages]), labels, songs)
    single = extract_many([line for each in lines for line in each])
    return whole, Texts(single, labels.repeat(counts), songs.repeat(counts))


def fit_views(names: Sequence[str], texts: Sequence[Terms], words: WordView) -> dict[str, View]:
    """The named views, fitted on `texts`."""
    return {n: words if n == "words" else TfidfView.fit(n, texts) for n in names}


def splits(
    passages: Texts, lines: Texts, words: WordView, names: Sequence[str], folds: int, seed: int
) -> Iterator[Split]:
    """Folds balanced by mood that never part a song; views are fitted on the training part only."""
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    empty = np.zeros(len(passages.labels))
    for train, held_out in splitter.split(empty, passages.labels, passages.songs):
        line_indices = np.flatnonzero(np.isin(lines.songs, passages.songs[held_out]))
        known = [passages.terms[i] for i in train]
        unseen = [passages.terms[i] for i in held_out]
        single = [lines.terms[int(i)] for i in line_indices]
        matrices = {
            name: (view.matrix(known), view.matrix(unseen), view.matrix(single))
            for name, view in fit_views(names, known, words).items()
        }
        yield Split(train, held_out, line_indices, matrices)


def held_out(
    folds: Sequence[Split],
    names: Sequence[str],
    passages: Texts,
    lines: Texts,
    inverse_penalty: float,
) -> Repeat:
    """Predictions for every passage and line by the model that did not see its song."""
    results = [
        HeldOut(
            np.zeros((len(t.labels), len(MOODS))), t.labels, t.sizes, np.zeros(len(t.labels), int)
        )
        for t in (passages, lines)
    ]
    for number, split in enumerate(folds):
        known, *unseen = ({name: split.matrices[name][i] for name in names} for i in range(3))
        model = fit(known, passages.labels[split.train], inverse_penalty)
        indices = (split.held_out, split.held_out_lines)
        for result, rows, matrices in zip(results, indices, unseen, strict=True):
            result.logits[rows] = model.logits(matrices)
            result.folds[rows] = number
    return Repeat(*results)


def macro_f1(labels: NDArray[np.int64], logits: Matrix) -> float:
    """Mean over the moods of the F1 score."""
    return float(np.mean(mood_f1(labels, logits)))


def mood_f1(labels: NDArray[np.int64], logits: Matrix) -> NDArray[np.float64]:
    """F1 of each mood (moods,)."""
    scores = f1_score(
        labels, logits.argmax(axis=1), labels=range(len(MOODS)), average=None, zero_division=0
    )
    return np.asarray(scores)


def confusions(labels: NDArray[np.int64], logits: Matrix) -> NDArray[np.int64]:
    """Counts (true mood, predicted mood)."""
    return np.asarray(confusion_matrix(labels, logits.argmax(axis=1), labels=range(len(MOODS))))


def fit_temperature(groups: Sequence[HeldOut]) -> Temperature:
    """The temperature with the least negative log likelihood, each group weighing the same."""

    def loss(logarithms: NDArray[np.float64]) -> float:
        temperature = Temperature(*np.exp(logarithms))
        total = 0.0
        for group in groups:
            probabilities = softmax(group.logits, temperature.of(group.sizes))
            chosen = probabilities[np.arange(len(group.labels)), group.labels]
            total -= float(np.log(chosen + 1e-12).mean())
        return total

    best = minimize(loss, x0=np.zeros(2), method="Nelder-Mead", bounds=[(-4, 4), (-6, 6)])
    return Temperature(*(float(value) for value in np.exp(best.x)))


def crossfitted_probabilities(repeat: Repeat) -> tuple[Matrix, Matrix]:
    """Held-out probabilities of passages and lines, each fold calibrated on the other folds."""
    groups = (repeat.passages, repeat.lines)
    probabilities = tuple(np.zeros_like(group.logits) for group in groups)
    for fold in np.unique(repeat.passages.folds):
        temperature = fit_temperature([_part(group, group.folds != fold) for group in groups])
        for group, into in zip(groups, probabilities, strict=True):
            own = group.folds == fold
            into[own] = softmax(group.logits[own], temperature.of(group.sizes[own]))
    return probabilities[0], probabilities[1]


def _part(group: HeldOut, rows: NDArray[np.bool_]) -> HeldOut:
    return HeldOut(group.logits[rows], group.labels[rows], group.sizes[rows], group.folds[rows])


def calibration_error(probabilities: Matrix, labels: NDArray[np.int64]) -> float:
    """Expected calibration error of the top label over ten bins of equal width (Guo et al. 2017)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    error = 0.0
    for number in np.unique(bins):
        inside = bins == number
        error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(error)
