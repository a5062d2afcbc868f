"""Korean morphology by kiwi: one shared analyser a process, safe to call from several threads.

Kiwi's first call loads its model lazily (2-4 s), so replicas call `warm_up` while they start.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from kiwipiepy import Kiwi, Token

REMEMBERED = 1024
"""Texts whose morphemes are kept: some 3 kB a line."""
LONGEST_REMEMBERED = 200
"""Characters above which a text is no line of a song, and not kept."""

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Morpheme:
    """One morpheme: surface form, kiwi tag, dictionary form, and its characters [start, end)."""

    form: str
    tag: str
    lemma: str
    start: int
    end: int


@lru_cache(maxsize=1)
def _kiwi() -> Kiwi:
    # no worker threads: replicas share the cores; no dictionary of multi-word names: 190 MB a replica
    return Kiwi(num_workers=-1, load_multi_dict=False)


def analyse(text: str) -> list[Morpheme]:
    """Morphemes of `text` in order; an empty text gives an empty list."""
    return analyse_many([text])[0]


def analyse_many(texts: Iterable[str]) -> list[list[Morpheme]]:
    """Morphemes of each text, in the order of `texts`."""
    return [
        list(_remembered(text) if len(text) <= LONGEST_REMEMBERED else _analysed(text))
        for text in texts
    ]


def _analysed(text: str) -> tuple[Morpheme, ...]:
    with _lock:
        return tuple(_morpheme(token) for token in _kiwi().tokenize(text))


_remembered = lru_cache(maxsize=REMEMBERED)(_analysed)
"""Every stage of text analyses a song's lines: those that share a process do it once."""


def similar_nouns(noun: str, count: int) -> list[tuple[str, float]]:
    """Up to `count` nouns used like `noun` with their cosine similarity, nearest first.

    Kiwi's own embeddings; empty for a word it does not know.
    """
    with _lock:
        try:
            pairs = _kiwi().most_similar_morphemes((noun, "NNG"), top_n=count)
        except ValueError:
            return []
    return [(pair.form, pair.score) for pair in pairs if pair.tag in ("NNG", "NNP")]


def warm_up() -> None:
    """Load kiwi's model now rather than in the first request."""
    analyse("준비 운동")


def _morpheme(token: Token) -> Morpheme:
    return Morpheme(token.form, token.tag, token.lemma, token.start, token.end)
