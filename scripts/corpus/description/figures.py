"""What songs are like, in sums and counts that can be added up: of a chunk, of a decade, of a corpus."""

from __future__ import annotations

import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from scripts.corpus.description.reading import decade_of
from songdalle_core.moods import Mood
from songdalle_core.morphology import Morpheme, analyse_many
from songdalle_core.sentiment import MoodClassifier
from songdalle_core.sentiment.features import (
    Terms,
    character_ngrams,
    morpheme_terms,
    normalise,
    word_terms,
)
from songdalle_core.summarization.splitting import content_lemmas
from songdalle_core.translation import Lexicon

MOST_WORDS = 60_000
"""Different words that are counted of a decade; the rarest half goes where there are more."""


@dataclass
class Moments:
    """Count, sum and sum of squares: mean and its 95% interval by the normal approximation."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        """One more value."""
        self.merge(Moments(1, value, value * value))

    def merge(self, other: Moments) -> None:
        """The values of both."""
        self.count += other.count
        self.total += other.total
        self.squares += other.squares

    def as_json(self) -> dict[str, float | int] | None:
        """Mean, interval and count; None without a value."""
        if not self.count:
            return None
        mean = self.total / self.count
        variance = max(0.0, self.squares / self.count - mean * mean)
        half = 1.96 * math.sqrt(variance / self.count)
        return {"mean": mean, "low": mean - half, "high": mean + half, "songs": self.count}


@dataclass
class Figures:
    """Songs of a decade.

    Attributes:
        characters, lines: of each song, as a histogram.
        tokens: morphemes of each analysed song, punctuation left out.
        repeated: share of lines that were sung before.
        packed: size after compression (deflate) as a share of the size before, of analysed songs.
        words, picturable: in how many analysed songs a word comes; a chorus counts once.
        pictured: picturable nouns of a song.
    """

    songs: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    characters: Counter[int] = field(default_factory=Counter)
    lines: Counter[int] = field(default_factory=Counter)
    repeated: Moments = field(default_factory=Moments)
    summary_characters: Counter[int] = field(default_factory=Counter)
    analysed: int = 0
    tokens: Counter[int] = field(default_factory=Counter)
    summary_tokens: Counter[int] = field(default_factory=Counter)
    packed: Moments = field(default_factory=Moments)
    words: Counter[str] = field(default_factory=Counter)
    picturable: Counter[str] = field(default_factory=Counter)
    pictured: Moments = field(default_factory=Moments)
    moods: Counter[Mood] = field(default_factory=Counter)

    def merge(self, other: Figures) -> None:
        """The songs of both."""
        self.songs += other.songs
        self.analysed += other.analysed
        for name, value in vars(self).items():
            if isinstance(value, Counter):
                value.update(getattr(other, name))
            elif isinstance(value, Moments):
                value.merge(getattr(other, name))
        for counted in (self.words, self.picturable):
            if len(counted) > MOST_WORDS:
                kept = dict(counted.most_common(MOST_WORDS // 2))
                counted.clear()
                counted.update(kept)


Chunk = tuple[tuple[dict[str, Any], bool], ...]
"""Rows, and of each whether it is analysed."""


def measure(chunk: Chunk) -> dict[str, Figures]:
    """Figures of some songs by decade."""
    by_decade: defaultdict[str, Figures] = defaultdict(Figures)
    chosen = [row for row, analysed in chunk if analysed]
    for row, _ in chunk:
        _count(row, by_decade[decade_of(row)])
    texts = [normalise(row["lyric"]) for row in chosen]
    summaries = [row.get("summary") or "" for row in chosen]
    analyses = analyse_many([*texts, *summaries])
    for number, row in enumerate(chosen):
        figures = by_decade[decade_of(row)]
        _analyse(texts[number], analyses[number], figures)
        if summaries[number]:
            figures.summary_tokens[_tokens(analyses[len(texts) + number])] += 1
    return dict(by_decade)


def merged(parts: Mapping[str, Figures] | Sequence[Figures]) -> Figures:
    """All songs together."""
    whole = Figures()
    for part in parts.values() if isinstance(parts, Mapping) else parts:
        whole.merge(part)
    return whole


def _count(row: dict[str, Any], figures: Figures) -> None:
    lyric = row["lyric"]
    lines = lyric.split("\n")
    figures.songs += 1
    figures.languages[row["language"]] += 1
    figures.characters[len(lyric)] += 1
    figures.lines[len(lines)] += 1
    figures.repeated.add(1 - len(set(lines)) / len(lines))
    if row.get("summary"):
        figures.summary_characters[len(row["summary"])] += 1


def _analyse(text: str, morphemes: Sequence[Morpheme], figures: Figures) -> None:
    packed = text.encode()
    figures.analysed += 1
    figures.tokens[_tokens(morphemes)] += 1
    figures.packed.add(len(zlib.compress(packed)) / max(1, len(packed)))
    lemmas, nouns = content_lemmas(text, morphemes)
    figures.words.update(lemmas)
    pictured = [noun for noun in nouns if _is_picturable(noun)]
    figures.picturable.update(pictured)
    figures.pictured.add(len(pictured))
    terms = Terms(character_ngrams(text), morpheme_terms(morphemes), word_terms(text, morphemes))
    figures.moods[_classifier().classify_terms(terms).label] += 1


def _tokens(morphemes: Sequence[Morpheme]) -> int:
    return morpheme_terms(morphemes).total()


@lru_cache(maxsize=1)
def _classifier() -> MoodClassifier:
    return MoodClassifier.load()


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon.load()


@lru_cache(maxsize=100_000)
def _is_picturable(noun: str) -> bool:
    return _lexicon().is_picturable(noun)
