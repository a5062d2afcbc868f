"""Multinomial logistic regression over several sparse views side by side."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from scripts.training.sentiment.embeddings import Embeddings
from songdalle_core.moods import MOODS
from songdalle_core.sentiment.features import Terms

Matrix: TypeAlias = NDArray[np.float64]

# Half weight at this frequency rank: particles of meaning such as 있다 or 것 say little of a mood.
RANK_OF_HALF_WEIGHT = 300
# Length of a mean word vector beside the two views of length 1; chosen by cross-validation.
WORD_SCALE = 1.0


class View(Protocol):
    """Turns terms into rows of one feature matrix (texts, features)."""

    def matrix(self, texts: Sequence[Terms]) -> csr_matrix: ...


@dataclass(frozen=True)
class TfidfView:
    """Sublinear tf-idf of `characters` or `morphemes`, rows of unit length."""

    name: str
    rows: Mapping[str, int]
    idf: Matrix

    @classmethod
    def fit(cls, name: str, texts: Sequence[Terms]) -> TfidfView:
        """Vocabulary and smoothed inverse document frequencies of `texts`."""
        documents = Counter(term for text in texts for term in getattr(text, name))
        terms = sorted(documents)
        frequency = np.array([documents[term] for term in terms])
        idf = np.log((1 + len(texts)) / (1 + frequency)) + 1
        return cls(name, {term: row for row, term in enumerate(terms)}, idf)

    def matrix(self, texts: Sequence[Terms]) -> csr_matrix:
        """Rows (texts, terms); a text without a known term is a row of zeros."""
        values, columns, ends = [], [], [0]
        for text in texts:
            known = [
                (self.rows[t], n) for t, n in getattr(text, self.name).items() if t in self.rows
            ]
            row = [(1 + math.log(count)) * float(self.idf[column]) for column, count in known]
            norm = math.sqrt(sum(value * value for value in row))
            values += [value / norm for value in row]
            columns += [column for column, _ in known]
            ends.append(len(values))
        return csr_matrix((values, columns, ends), shape=(len(texts), len(self.rows)))


@dataclass(frozen=True)
class WordView:
    """Mean word vector, rarer words weighing more; needs no fitting."""

    rows: Mapping[str, int]
    weights: Matrix
    vectors: Matrix

    @classmethod
    def of(cls, embeddings: Embeddings) -> WordView:
        """The view of a vector table; of words listed twice the more frequent counts."""
        rows: dict[str, int] = {}
        for row, word in enumerate(embeddings.words):
            rows.setdefault(word, row)
        weights = embeddings.ranks / (embeddings.ranks + RANK_OF_HALF_WEIGHT)
        return cls(rows, weights, embeddings.vectors.astype(np.float64) * WORD_SCALE)

    def matrix(self, texts: Sequence[Terms]) -> csr_matrix:
        """Rows (texts, dimensions); a text without a known word is a row of zeros."""
        means = np.zeros((len(texts), self.vectors.shape[1]))
        for mean, text in zip(means, texts, strict=True):
            known = [(self.rows[w], n) for w, n in text.words.items() if w in self.rows]
            if known:
                rows = [row for row, _ in known]
                weights = self.weights[rows] * [count for _, count in known]
                mean[:] = weights @ self.vectors[rows] / weights.sum()
        return csr_matrix(means)


@dataclass(frozen=True)
class Fit:
    """Coefficients (features, moods) of each view and the common bias (moods,)."""

    coefficients: Mapping[str, Matrix]
    bias: Matrix

    def logits(self, matrices: Mapping[str, csr_matrix]) -> Matrix:
        """Logits (texts, moods) from the views' matrices (texts, features)."""
        parts = [matrices[name] @ table for name, table in self.coefficients.items()]
        return np.asarray(np.sum(parts, axis=0) + self.bias)


def fit(
    matrices: Mapping[str, csr_matrix], labels: NDArray[np.int64], inverse_penalty: float
) -> Fit:
    """Fit on the views' matrices (examples, features) side by side and labels (examples,).

    Raises:
        ValueError: a mood has no example.
    """
    if len(set(labels.tolist())) < len(MOODS):
        raise ValueError(f"every mood needs an example; there are only {len(set(labels.tolist()))}")
    model = LogisticRegression(C=inverse_penalty, max_iter=2000, tol=1e-4)
    model.fit(hstack(list(matrices.values()), format="csr"), labels)
    ends = np.cumsum([matrix.shape[1] for matrix in matrices.values()])[:-1]
    tables = np.split(np.asarray(model.coef_.T), ends)
    return Fit(dict(zip(matrices, tables, strict=True)), np.asarray(model.intercept_))
