"""What the classifier sees of a lyric, the same in training and in use.

Three views: character n-grams (endings, sound words, spelling of slang), morphemes (lemmas and
grammar), and words (content words that have a vector, so that unseen ones borrow from synonyms).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from songdalle_core.morphology import Morpheme, analyse_many

LONGEST_NGRAM = 4

_SPACE = re.compile(r"\s+")
_LETTERS = re.compile(r"(?:[^\W\d_]|')+")
_ENGLISH_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@dataclass(frozen=True)
class Terms:
    """Counted terms of one text: character n-grams, `lemma/TAG` morphemes, words with vectors."""

    characters: Counter[str]
    morphemes: Counter[str]
    words: Counter[str]

    @property
    def size(self) -> float:
        """How many morphemes the text has."""
        return float(self.morphemes.total())


def extract_many(texts: Sequence[str]) -> list[Terms]:
    """Terms of each text; one pass of the morphological analyser for all of them."""
    normal = [normalise(text) for text in texts]
    return [
        Terms(character_ngrams(text), morpheme_terms(morphemes), word_terms(text, morphemes))
        for text, morphemes in zip(normal, analyse_many(normal), strict=True)
    ]


def normalise(text: str) -> str:
    """NFKC, lower case, straight apostrophes, lines and sentences parted by ". "."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'").strip()
    return _SPACE.sub(" ", re.sub(r"[\s.]*[\n.]\s*", ". ", text)).strip()


def character_ngrams(text: str) -> Counter[str]:
    """N-grams of 1 to 4 letters within each word, the word's edges marked by a space."""
    counts: Counter[str] = Counter()
    for word in _LETTERS.findall(text):
        padded = f" {word} "
        for size in range(1, LONGEST_NGRAM + 1):
            for start in range(len(padded) - size + 1):
                counts[padded[start : start + size]] += 1
    del counts[" "]
    return counts


def morpheme_terms(morphemes: Sequence[Morpheme]) -> Counter[str]:
    """Lemmas with the first two letters of kiwi's tag; punctuation and digits are left out."""
    return Counter(
        f"{morpheme.lemma}/{morpheme.tag[:2]}"
        for morpheme in morphemes
        if morpheme.tag == "SL" or not morpheme.tag.startswith("S")
    )


def word_terms(text: str, morphemes: Sequence[Morpheme]) -> Counter[str]:
    """Keys of the vector table: `form/TAG` for Korean morphemes, `word/SL` for English words."""
    korean = Counter(
        f"{morpheme.form}/{morpheme.tag.partition('-')[0]}"
        for morpheme in morphemes
        if not morpheme.tag.startswith(("S", "E", "J"))
    )
    return korean + Counter(f"{word}/SL" for word in _ENGLISH_WORD.findall(text))
