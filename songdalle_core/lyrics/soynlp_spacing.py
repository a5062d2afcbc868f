"""Korean word spacing by soynlp's word scores, learned from a corpus of lyric lines.

soynlp (GPL-3) has no spacing model: this one cuts a glued eojeol with its `MaxScoreTokenizer`
over the scores of its `WordExtractor` (cohesion; branching entropy, Jin and Tanaka-Ishii 2006),
finds stems with its `LTokenizer`, and adds a space only where the corpus shows that words end and
begin so.

This is the only file that imports soynlp, and only when a spacer is trained.
"""

from __future__ import annotations

import math
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from songdalle_core.hangul import SYLLABLES

_CORPUS = Path(__file__).with_name("spacing_corpus.txt")

_MIN_LINES = 20
_MIN_FREQUENCY = 2
_SHORTEST = 4  # eojeols of fewer syllables are left alone: too little to judge by
_WINDOW = 16  # MaxScoreTokenizer takes quadratic time; a longer eojeol is cut into windows
_KNOWN_EOJEOL = 1.0  # bonus a syllable for a word the corpus has whole

_HANGUL_RUN = re.compile(f"[{SYLLABLES}]+")
_ENDING = 2  # syllables by which the end of a word is recognised

_Tokenizer = Callable[[str], list[str]]


class SoynlpSpacer:
    """Spacing learned from lines; knows only words of its corpus and leaves the rest as it is.

    Attributes:
        eojeols: the Hangul words of the corpus between spaces, with their counts.
    """

    def __init__(self, eojeols: Counter[str], max_score: _Tokenizer, left: _Tokenizer) -> None:
        self.eojeols = eojeols
        self._max_score = max_score
        self._left = left
        self._endings = Counter(word[-_ENDING:] for word in eojeols.elements())
        self._beginnings = Counter(word[:_ENDING] for word in eojeols.elements())
        self._last_syllables = Counter(word[-1] for word in eojeols.elements() if len(word) > 1)

    @classmethod
    def train(cls, lines: Iterable[str]) -> SoynlpSpacer:
        """A spacer that learned word scores from well-spaced `lines`.

        Raises:
            ValueError: fewer than 20 lines with Hangul; too few to count anything.
            ImportError: soynlp is not installed.
        """
        corpus = [" ".join(words) for line in lines if (words := _HANGUL_RUN.findall(line))]
        if len(corpus) < _MIN_LINES:
            raise ValueError(
                f"{len(corpus)} Korean lines are too few to learn spacing from: "
                f"give at least {_MIN_LINES} well-spaced lines"
            )
        with warnings.catch_warnings():
            # soynlp 0.0.493 has regular expressions in plain strings, which Python warns about.
            warnings.simplefilter("ignore")
            from soynlp.tokenizer import LTokenizer, MaxScoreTokenizer
            from soynlp.word import WordExtractor
        extractor = WordExtractor(min_frequency=_MIN_FREQUENCY, verbose_points=0)
        extractor.train(corpus)
        eojeols = Counter(word for line in corpus for word in line.split())
        scores = {
            word: float(score.cohesion_forward * math.exp(score.right_branching_entropy))
            for word, score in extractor.extract().items()
            if len(word) > 1 and score.leftside_frequency
        }
        whole = {word: scores.get(word, 0.0) + _KNOWN_EOJEOL * len(word) for word in eojeols}
        return cls(eojeols, MaxScoreTokenizer(scores | whole), LTokenizer(scores))

    @classmethod
    def default(cls) -> SoynlpSpacer:
        """A spacer trained, once a process, on the project's own lines (spacing_corpus.txt)."""
        return _default()

    def __call__(self, text: str) -> str:
        """`text` with glued Korean words parted where the corpus knows them; never joins."""
        return _HANGUL_RUN.sub(lambda match: self._part(match.group()), text)

    def _part(self, eojeol: str) -> str:
        if len(eojeol) < _SHORTEST or eojeol in self.eojeols:
            return eojeol
        pieces: list[str] = []
        for start in range(0, len(eojeol), _WINDOW):
            pieces += self._max_score(eojeol[start : start + _WINDOW])
        words = pieces[:1]
        for piece in pieces[1:]:
            joined = words[-1] + piece in self.eojeols
            if not joined and self._is_end(words[-1]) and self._is_beginning(piece):
                words.append(piece)
            else:
                words[-1] += piece
        return " ".join(words)

    def _is_end(self, word: str) -> bool:
        return word in self.eojeols or (
            len(word) > 1 and self._endings[word[-_ENDING:]] >= _MIN_FREQUENCY
        )

    def _is_beginning(self, piece: str) -> bool:
        if len(piece) == 1:
            # 해 is a word (the sun) and an ending (사랑해): the corpus says which is likelier.
            return 2 * self.eojeols[piece] > self._last_syllables[piece]
        if piece in self.eojeols:
            return True
        stem = self._left(piece)[0]
        return len(stem) > 1 and self._beginnings[stem[:_ENDING]] >= _MIN_FREQUENCY


@lru_cache(maxsize=1)
def _default() -> SoynlpSpacer:
    lines = _CORPUS.read_text(encoding="utf-8").splitlines()
    return SoynlpSpacer.train(line for line in lines if not line.startswith("#"))
