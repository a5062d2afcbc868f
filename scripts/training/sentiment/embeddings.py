"""Word vectors of kiwi's language model, recovered from the similarities it reports.

Kiwi answers with cosine similarities but not with the vectors behind them. Cosines to enough anchor
words determine the vectors up to a rotation (Nystroem approximation; Williams and Seeger, NIPS
2000), which a linear classifier does not notice. The vectors have rank 256, so a few more anchors
than that lose nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from kiwipiepy import Kiwi
from numpy.typing import NDArray

ANCHORS = 280
# Kiwi numbers morphemes by falling frequency; rarer anchors have noisier vectors.
FREQUENT = 25_000
# Beyond these ranks only rare compounds and names are left.
LAST_WORD = 45_000
LAST_NAME = 20_000
CONTENT = frozenset({"NNG", "NNP", "VV", "VA", "MAG", "XR", "IC", "MM"})
ANCHOR_TAGS = frozenset({"NNG", "VV", "VA", "MAG", "XR"})
EVERYTHING = 1_000_000
NOISE_FLOOR = 1e-3


@dataclass(frozen=True)
class Embeddings:
    """Words as `form/TAG`, their vectors (words, dimensions), unit length, and frequency ranks."""

    words: tuple[str, ...]
    vectors: NDArray[np.float32]
    ranks: NDArray[np.int64]

    def save(self, path: Path) -> None:
        """Write the vectors to one `.npz` file, replacing it in one step."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        words = np.array(json.dumps(self.words, ensure_ascii=False))
        np.savez(partial, words=words, vectors=self.vectors, ranks=self.ranks)
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> Embeddings:
        """The vectors that `save` wrote."""
        with np.load(path) as file:
            return cls(tuple(json.loads(str(file["words"]))), file["vectors"], file["ranks"])


def build_embeddings(
    seed: int, anchors: int = ANCHORS, progress: Callable[[int, int], None] | None = None
) -> Embeddings:
    """Vectors of kiwi's content words, centred on the frequent ones.

    Args:
        seed: chooses the anchors.
        anchors: how many similarity queries to make, 0.3-1 s each.
        progress: called with (queries done, queries in all).

    Raises:
        ValueError: `anchors` is not positive.
    """
    if anchors < 1:
        raise ValueError(f"anchors is {anchors}: ask for at least 1, {ANCHORS} for full rank")
    kiwi = Kiwi()
    known = sorted(
        (similar.id, similar.form, similar.tag.partition("-")[0])
        for similar in kiwi.most_similar_morphemes(("사랑", "NNG"), top_n=EVERYTHING)
    )
    words = [word for word in known if _is_content(word[0], word[2])]
    row_of = {word[0]: row for row, word in enumerate(words)}
    eligible = [word[0] for word in words if word[0] < FREQUENT and word[2] in ANCHOR_TAGS]
    chosen = np.random.default_rng(seed).permutation(eligible)[:anchors]
    cosines = np.zeros((len(words), len(chosen)), dtype=np.float32)
    for column, anchor in enumerate(int(identity) for identity in chosen):
        cosines[row_of[anchor], column] = 1.0
        for similar in kiwi.most_similar_morphemes(anchor, top_n=EVERYTHING):
            row = row_of.get(similar.id)
            # The word itself comes back with a score far below -1.
            if row is not None and similar.score >= -1:
                cosines[row, column] = similar.score
        if progress is not None:
            progress(column + 1, len(chosen))
    ranks = np.array([word[0] for word in words])
    vectors = _vectors(cosines, [row_of[int(anchor)] for anchor in chosen], ranks < FREQUENT)
    return Embeddings(tuple(f"{form}/{tag}" for _, form, tag in words), vectors, ranks)


def _is_content(rank: int, tag: str) -> bool:
    return tag in CONTENT and rank < (LAST_NAME if tag == "NNP" else LAST_WORD)


def _vectors(
    cosines: NDArray[np.float32], anchor_rows: list[int], frequent: NDArray[np.bool_]
) -> NDArray[np.float32]:
    between = cosines[anchor_rows].astype(np.float64)  # (anchors, anchors)
    values, axes = np.linalg.eigh((between + between.T) / 2)
    signal = values > NOISE_FLOOR
    vectors = cosines @ (axes[:, signal] / np.sqrt(values[signal]))  # (words, rank)
    vectors = _unit(vectors)
    # All vectors share one strong direction that says nothing about meaning.
    return _unit(vectors - vectors[frequent].mean(axis=0)).astype(np.float32)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    return unit
