"""Text cut at the ends of sentences, for translators that take a sentence at a time."""

from __future__ import annotations

import re
from collections.abc import Callable

_END = re.compile(r"(?<=[.!?…。！？])\s+|\s*\n\s*")


def split_sentences(text: str) -> list[str]:
    """The sentences and lines of a text, none of them empty."""
    return [part.strip() for part in _END.split(text) if part.strip()]


def pieces(sentence: str, fits: Callable[[str], bool]) -> list[str]:
    """The sentence, or where it does not fit, its halves, quarters and so on, cut between words.

    A single word stays whole whatever its length.
    """
    words = sentence.split()
    if len(words) < 2 or fits(sentence):
        return [sentence]
    middle = len(words) // 2
    halves = (" ".join(words[:middle]), " ".join(words[middle:]))
    return [piece for half in halves for piece in pieces(half, fits)]
