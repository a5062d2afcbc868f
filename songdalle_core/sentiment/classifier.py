"""Mood of a lyric by multinomial logistic regression, in numpy.

The logits are a sum over three views of the text (see `features`):

    logits = bias + unit(tfidf(characters)) @ C + unit(tfidf(morphemes)) @ M + mean_vote(words)

with sublinear tf-idf, (1 + ln tf) * idf. A word's vote is its vector times the trained
coefficients, folded when the weights were written: no vectors are shipped. The probabilities are
softmax(logits / temperature), fitted on held-out predictions (Guo et al., "On Calibration of Modern
Neural Networks", ICML 2017). One word is worse evidence than a verse, so the temperature rises for
short texts: limit * (1 + shortness / morphemes).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from songdalle_core.artifacts import WEIGHTS, WeightsError, verified
from songdalle_core.moods import MOODS, Mood
from songdalle_core.sentiment.features import Terms, extract_many

WEIGHTS_NAME = "sentiment/classifier.safetensors"
VOCABULARY_NAME = "sentiment/vocabulary.json"
# A mood for a text that says nothing: the one that adds least drama to a picture.
NEUTRAL: Mood = "Calmness"
# Morphemes in a long training passage: whole songs are not trusted more than was measured.
LONGEST_CALIBRATED = 40.0

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Sentiment:
    """The most probable mood and the probability of each, in `MOODS` order, summing to 1."""

    label: Mood
    scores: dict[Mood, float]


@dataclass(frozen=True)
class TfidfBlock:
    """One tf-idf view: term to row, idf (terms,), coefficients (terms, moods)."""

    rows: Mapping[str, int]
    idf: Array
    coefficients: Array

    def logits(self, counts: Mapping[str, int]) -> Array | None:
        """Contribution (moods,) to the logits, or None where no term is known."""
        known = [(self.rows[term], count) for term, count in counts.items() if term in self.rows]
        if not known:
            return None
        rows = [row for row, _ in known]
        frequency = np.array([1 + math.log(count) for _, count in known], dtype=np.float32)
        values = frequency * self.idf[rows]
        logits: Array = (values / np.linalg.norm(values)) @ self.coefficients[rows]
        return logits


@dataclass(frozen=True)
class VoteBlock:
    """The word view: word to row, weight in the mean (words,), votes (words, moods)."""

    rows: Mapping[str, int]
    weights: Array
    votes: Array

    def logits(self, counts: Mapping[str, int]) -> Array | None:
        """Weighted mean (moods,) of the votes, or None where no word is known."""
        known = [(self.rows[word], count) for word, count in counts.items() if word in self.rows]
        if not known:
            return None
        rows = [row for row, _ in known]
        values = np.array([count for _, count in known], dtype=np.float32) * self.weights[rows]
        logits: Array = (values / values.sum()) @ self.votes[rows]
        return logits


@dataclass(frozen=True)
class Temperature:
    """Divisor of the logits of a text of `size` morphemes: limit * (1 + shortness / size)."""

    limit: float
    shortness: float

    def of(self, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Temperatures (texts,) of texts with so many morphemes (texts,)."""
        return self.limit * (1 + self.shortness / np.clip(sizes, 1.0, LONGEST_CALIBRATED))


@dataclass(frozen=True)
class MoodClassifier:
    """Classifies lyrics in Korean, English or both; `load` reads the shipped weights."""

    characters: TfidfBlock
    morphemes: TfidfBlock
    words: VoteBlock
    bias: Array
    temperature: Temperature

    @classmethod
    def load(cls, path: Path | None = None) -> MoodClassifier:
        """Read the weights, each file checked against its published digest.

        Args:
            path: a folder laid out like the package's `weights` (`SHA256SUMS` and `sentiment/`);
                None reads the weights shipped with the package.

        Raises:
            WeightsError: a file is missing, damaged, unlisted, or the two do not fit together.
        """
        folder = WEIGHTS if path is None else Path(path)
        tensors_path, vocabulary_path = (
            verified(name, folder) for name in (WEIGHTS_NAME, VOCABULARY_NAME)
        )
        try:
            tensors = {name: t.astype(np.float32) for name, t in load_file(tensors_path).items()}
            vocabulary = json.loads(vocabulary_path.read_text(encoding="utf-8"))
            if vocabulary["moods"] != list(MOODS):
                raise ValueError(f"moods are {vocabulary['moods']}, expected {list(MOODS)}")
            return cls(
                _tfidf(vocabulary, tensors, "characters"),
                _tfidf(vocabulary, tensors, "morphemes"),
                VoteBlock(*_table(vocabulary, tensors, "words", "weights", "votes")),
                _shaped(tensors, "bias", (len(MOODS),)),
                Temperature(*_shaped(tensors, "temperature", (2,)).tolist()),
            )
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise WeightsError(
                f"{tensors_path} and {vocabulary_path.name} do not fit together ({error}): "
                "restore both from the repository or run scripts/training/train_sentiment.py"
            ) from error

    def classify(self, text: str) -> Sentiment:
        """Mood of one lyric or passage.

        A text without a single known term (empty, only emoji, another script) gets the same score
        for every mood and the label Calmness.
        """
        return self.classify_many([text])[0]

    def classify_many(self, texts: Sequence[str]) -> list[Sentiment]:
        """Mood of each text, in order; the same as `classify` one by one."""
        return [self.classify_terms(terms) for terms in extract_many(texts)]

    def classify_terms(self, terms: Terms) -> Sentiment:
        """Mood of a text by its terms, for callers that have its morphemes already."""
        parts = [
            self.characters.logits(terms.characters),
            self.morphemes.logits(terms.morphemes),
            self.words.logits(terms.words),
        ]
        known = [part for part in parts if part is not None]
        if not known:
            return Sentiment(NEUTRAL, dict.fromkeys(MOODS, 1 / len(MOODS)))
        logits = np.stack([self.bias, *known]).astype(np.float64).sum(axis=0, keepdims=True)
        probabilities = softmax(logits, self.temperature.of(np.array([terms.size])))[0]
        label = MOODS[int(probabilities.argmax())]
        return Sentiment(label, dict(zip(MOODS, probabilities.tolist(), strict=True)))


def softmax(logits: NDArray[np.float64], temperatures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (texts, moods) of logits (texts, moods) divided by temperatures (texts,)."""
    scaled = logits / temperatures[:, None]
    exponentials = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float64] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def _tfidf(
    vocabulary: Mapping[str, list[str]], tensors: Mapping[str, Array], block: str
) -> TfidfBlock:
    return TfidfBlock(*_table(vocabulary, tensors, block, "idf", "coefficients"))


def _table(
    vocabulary: Mapping[str, list[str]],
    tensors: Mapping[str, Array],
    block: str,
    scalar: str,
    vector: str,
) -> tuple[dict[str, int], Array, Array]:
    rows = {term: row for row, term in enumerate(vocabulary[block])}
    return (
        rows,
        _shaped(tensors, f"{block}.{scalar}", (len(rows),)),
        _shaped(tensors, f"{block}.{vector}", (len(rows), len(MOODS))),
    )


def _shaped(tensors: Mapping[str, Array], name: str, shape: tuple[int, ...]) -> Array:
    tensor = tensors[name]
    if tensor.shape != shape:
        raise ValueError(f"{name} has shape {tensor.shape}, expected {shape}")
    return tensor
