"""Extractive summaries of lyrics: TextRank, weighted towards choruses and towards pictures.

Sentences vote for sentences they share words with (R. Mihalcea and P. Tarau, "TextRank: Bringing
Order into Texts", EMNLP 2004, sections 2 and 4). Lyrics ask for four changes: repeated lines are
one node with a chorus weight, lines of sung sounds are dropped, a line that names something one can
paint is worth more, and neighbouring short lines are joined into one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from songdalle_core.morphology import Morpheme, analyse_many
from songdalle_core.summarization.splitting import (
    Piece,
    cut,
    fold_key,
    is_vocable,
    sung_pieces,
    width,
)

# A song has 20-100 distinct lines. Beyond 400 the input is a book, the vote matrix grows with the
# square, and analysis alone would take a second: the most repeated lines and an even spread of the
# rest stand for it.
MAX_LINES = 400
MAX_JOINED = 6  # neighbouring pieces in one sentence
DAMPING = 0.85  # Mihalcea and Tarau, section 2.2
# Chosen on scripts/data/development_songs.jsonl: pictures decide, the vote settles close calls.
RANK_POWER = 0.1  # of a line's TextRank
CHORUS_POWER = 0.4  # of how often a line is sung
PICTURE_POWER = 1.5  # of one more than the picturable nouns of a sentence, the first five only
JOIN_WEIGHT = 0.75  # for each piece joined to the first: an image is a line or two
ACROSS_PARTS = 0.7  # weight of a sentence that runs from a chorus into a verse
MAX_OVERLAP = 0.5  # Jaccard similarity at which two sentences say the same

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """How much to keep: 1-3 sentences of `min_chars` to `max_chars` characters.

    Sentences without Hangul may be twice as long (see `splitting.width`).

    Raises:
        ValueError: `sentences` is not 1, 2 or 3, or the limits are not 1 <= min <= max.
    """

    sentences: int = 1
    min_chars: int = 28
    max_chars: int = 42

    def __post_init__(self) -> None:
        if self.sentences not in (1, 2, 3):
            raise ValueError(f"sentences must be 1, 2 or 3, not {self.sentences}")
        if not 1 <= self.min_chars <= self.max_chars:
            raise ValueError(
                f"min_chars ({self.min_chars}) must be at least 1 and at most "
                f"max_chars ({self.max_chars})"
            )


@dataclass(frozen=True, slots=True)
class Summary:
    """The chosen sentences in song order."""

    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentences as one text, joined by '. '."""
        return ". ".join(self.sentences)


@dataclass(frozen=True, slots=True)
class _Line:
    """A distinct line: its text, where it first stands in the song, and how often it is sung."""

    text: str
    position: int
    count: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A possible sentence: node indices [first, last], its text, lemmas and score."""

    first: int
    last: int
    text: str
    lemmas: frozenset[str]
    score: float


class TextRankSummarizer:
    """Chooses the sentences that carry the picture of a song.

    Args:
        picturable: True for a noun (kiwi lemma, or lower-cased English word) that names something
            one can paint.
    """

    def __init__(self, picturable: Callable[[str], bool]) -> None:
        self._picturable = picturable

    def summarize(self, lines: Sequence[str], options: SummaryOptions | None = None) -> Summary:
        """Summary of one song.

        Args:
            lines: the song's lines in order, repeated lines included.
            options: sentence count and lengths; the defaults if None.

        Raises:
            ValueError: no line has a word.
        """
        return self.summarize_many([lines], options)[0]

    def summarize_many(
        self, songs: Sequence[Sequence[str]], options: SummaryOptions | None = None
    ) -> list[Summary]:
        """Summaries of several songs, their lines analysed in one call.

        Raises:
            ValueError: a song has no line with a word; nothing is summarised then.
        """
        options = options or SummaryOptions()
        folded = [_fold(sung_pieces(lines)) for lines in songs]
        for number, lines in enumerate(folded):
            if not lines:
                raise ValueError(f"song {number} has no words: give at least one line of lyrics")
        analyses = iter(analyse_many([line.text for lines in folded for line in lines]))
        return [
            self._summarize(lines, [next(analyses) for _ in lines], options) for lines in folded
        ]

    def _summarize(
        self, lines: list[_Line], analyses: list[list[Morpheme]], options: SummaryOptions
    ) -> Summary:
        pieces: list[Piece] = []
        owners: list[_Line] = []
        for line, morphemes in zip(lines, analyses, strict=True):
            for piece in cut(line.text, morphemes, options.max_chars):
                pieces.append(piece)
                owners.append(line)
        ranks = rank_pieces(pieces) ** RANK_POWER * [o.count**CHORUS_POWER for o in owners]
        candidates = self._candidates(pieces, owners, ranks, options)
        chosen = _choose(candidates, options.sentences)
        return Summary(tuple(c.text for c in sorted(chosen, key=lambda c: c.first)))

    def _candidates(
        self, pieces: list[Piece], owners: list[_Line], ranks: Floats, options: SummaryOptions
    ) -> list[_Candidate]:
        pictures = [frozenset(n for n in p.nouns if self._picturable(n)) for p in pieces]
        scores: list[float] = ranks.tolist()
        candidates: list[_Candidate] = []
        for first, last, text in _joined(pieces, owners, options):
            members = range(first, last + 1)
            pictured: frozenset[str] = frozenset().union(*(pictures[i] for i in members))
            # The mean rank keeps long sentences from winning by length alone.
            rank = sum(scores[first : last + 1]) / len(members)
            score = (
                rank * (1 + min(len(pictured), 5)) ** PICTURE_POWER * JOIN_WEIGHT ** (last - first)
            )
            if len({owners[i].count for i in members}) > 1:
                score *= ACROSS_PARTS
            lemmas = frozenset().union(*(pieces[i].lemmas for i in members))
            candidates.append(_Candidate(first, last, text, lemmas, score))
        return candidates


def rank_pieces(pieces: Sequence[Piece], steps: int = 30) -> Floats:
    """TextRank of each piece, float64 of shape (len(pieces),) with mean 1.

    Similarity is the paper's |A & B| / (log|A| + log|B|) with log(1 + n) for log(n), as pieces of
    one word are common in songs. Pieces that share no word with others keep the base rank.
    """
    # Most words stand in one or two lines, so counting shared words word by word beats a matrix
    # product, and leaves the BLAS threads to the image model.
    rows_of: dict[str, list[int]] = {}
    for row, piece in enumerate(pieces):
        for lemma in piece.lemmas:
            rows_of.setdefault(lemma, []).append(row)
    votes = np.zeros((len(pieces), len(pieces)))
    for rows in rows_of.values():
        if len(rows) > 1:
            votes[np.ix_(rows, rows)] += 1
    np.fill_diagonal(votes, 0)
    logs = np.log1p([len(piece.lemmas) for piece in pieces])
    votes /= np.maximum(logs[:, None] + logs[None, :], 1e-9)
    totals = votes.sum(axis=1)
    votes /= np.where(totals > 0, totals, 1)[:, None]
    ranks = np.ones(len(pieces))
    for _ in range(steps):
        ranks = (1 - DAMPING) + DAMPING * np.einsum("i,ij->j", ranks, votes)
    return np.asarray(ranks / ranks.mean())


def _fold(pieces: list[str]) -> list[_Line]:
    """Distinct lines in song order with their counts, vocables dropped, at most `MAX_LINES`."""
    sung = [piece for piece in pieces if not is_vocable(piece)] or pieces[:1]
    first: dict[str, int] = {}
    counts: dict[str, int] = {}
    for position, piece in enumerate(sung):
        key = fold_key(piece)
        first.setdefault(key, position)
        counts[key] = counts.get(key, 0) + 1
    lines = [_Line(sung[position], position, counts[key]) for key, position in first.items()]
    if len(lines) <= MAX_LINES:
        return lines
    chorus = sorted((x for x in lines if x.count > 1), key=lambda x: -x.count)[: MAX_LINES // 2]
    positions = {line.position for line in chorus}
    others = [line for line in lines if line.position not in positions]
    wanted = MAX_LINES - len(chorus)
    positions |= {others[i * len(others) // wanted].position for i in range(wanted)}
    return [line for line in lines if line.position in positions]


def _joined(
    pieces: list[Piece], owners: list[_Line], options: SummaryOptions
) -> list[tuple[int, int, str]]:
    """(first, last, text) of every sentence of neighbouring pieces within the limits.

    A piece that no such sentence covers (its neighbours are too long to join) is completed with the
    opening phrase of the next line, and stands as it is when that is not possible either.
    """
    joined: list[tuple[int, int, str]] = []
    covered: set[int] = set()
    for first in range(len(pieces)):
        text = pieces[first].text
        for last in range(first, min(first + MAX_JOINED, len(pieces))):
            if last > first:
                if owners[last].position - owners[last - 1].position > 1:
                    break
                text = f"{text} {pieces[last].text}"
            if width(text) > options.max_chars and last > first:
                break
            if width(text) >= options.min_chars:
                joined.append((first, last, text))
                covered.update(range(first, last + 1))
    for index in range(len(pieces)):
        if index not in covered:
            joined.append(_completed(pieces, owners, index, options))
    return joined


def _completed(
    pieces: list[Piece], owners: list[_Line], index: int, options: SummaryOptions
) -> tuple[int, int, str]:
    text = pieces[index].text
    last = index + 1
    while (
        last < len(pieces)
        and owners[last].position - owners[last - 1].position <= 1
        and width(f"{text} {pieces[last].text}") <= options.max_chars
    ):
        text = f"{text} {pieces[last].text}"
        last += 1
    if last < len(pieces) and owners[last].position - owners[last - 1].position <= 1:
        for joint in reversed(pieces[last].joints):
            longer = f"{text} {pieces[last].text[:joint]}"
            if options.min_chars <= width(longer) <= options.max_chars:
                return index, last, longer
    return index, last - 1, text


def _choose(candidates: list[_Candidate], wanted: int) -> list[_Candidate]:
    """The best candidates that share no piece and overlap less than `MAX_OVERLAP` in lemmas."""
    chosen: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (-c.score, c.first)):
        if len(chosen) == wanted:
            break
        if all(
            (candidate.last < other.first or other.last < candidate.first)
            and _jaccard(candidate.lemmas, other.lemmas) < MAX_OVERLAP
            for other in chosen
        ):
            chosen.append(candidate)
    return chosen


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0
