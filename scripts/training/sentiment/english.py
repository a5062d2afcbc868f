"""Vectors for English words: those of the Korean words the project's lexicon translates so.

Kiwi's vectors cover Korean only. Reading `songdalle_core/translation/lexicon.tsv` from English to
Korean gives a few thousand English words a place among them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from scripts.training.sentiment.embeddings import Embeddings

_TAGS: Mapping[str, tuple[str, ...]] = {
    "noun": ("NNG", "XR"),
    "verb": ("VV", "VA"),
    "adj": ("VA", "XR", "NNG", "VV"),
    "adv": ("MAG", "XR"),
}
_LEADING = re.compile(r"^(?:be|a|an|the|to) ")
_VOWELS = "aeiou"
_WORD = re.compile(r"[a-z]+")


def with_english(embeddings: Embeddings, lexicon: Path) -> Embeddings:
    """`embeddings` and one row `word/SL` for each English form the lexicon reaches.

    Only glosses of one word count. A word with several Korean sources gets their mean direction
    and the rank of the most frequent. Regular inflections share their base's vector.
    """
    row_of = {word: row for row, word in reversed(list(enumerate(embeddings.words)))}
    sources: dict[str, list[int]] = defaultdict(list)
    inflected: dict[str, list[int]] = defaultdict(list)
    for line in lexicon.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        lemma, pos, english, *_ = line.split("\t")
        word = _LEADING.sub("", english.lower())
        row = _korean_row(lemma, pos, row_of)
        if row is None or not _WORD.fullmatch(word):
            continue
        sources[word].append(row)
        for form in inflections(word, pos):
            inflected[form].append(row)
    # A form of its own (`left`, adjective) is not overruled by another word's inflection.
    merged = {**inflected, **sources}
    words = sorted(merged)
    vectors = np.stack([embeddings.vectors[merged[word]].mean(axis=0) for word in words])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    ranks = np.array([embeddings.ranks[merged[word]].min() for word in words])
    return Embeddings(
        (*embeddings.words, *(f"{word}/SL" for word in words)),
        np.concatenate([embeddings.vectors, vectors]),
        np.concatenate([embeddings.ranks, ranks]),
    )


def _korean_row(lemma: str, pos: str, row_of: Mapping[str, int]) -> int | None:
    stem = lemma[:-1] if pos in ("verb", "adj") and lemma.endswith("다") else lemma
    # Kiwi splits 사랑하다 into 사랑 + 하: the noun or root carries the meaning.
    candidates = [f"{stem}/{tag}" for tag in _TAGS[pos]]
    if stem.endswith("하"):
        candidates += [f"{stem[:-1]}/NNG", f"{stem[:-1]}/XR"]
    return next((row_of[key] for key in candidates if key in row_of), None)


def inflections(word: str, pos: str) -> tuple[str, ...]:
    """Regular forms of an English word: plural, or third person, past and -ing."""
    if pos == "noun":
        return (_plural(word),)
    if pos != "verb":
        return ()
    if word.endswith("e"):
        return _plural(word), f"{word}d", f"{word[:-1]}ing"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return _plural(word), f"{word[:-1]}ied", f"{word}ing"
    short = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", word)
    stem = word + word[-1] if short else word
    return _plural(word), f"{stem}ed", f"{stem}ing"


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"
