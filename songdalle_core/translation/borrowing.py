"""English for a noun the lexicon lacks, borrowed from a near synonym in kiwi's embeddings.

Embeddings put what stands in the same places side by side: 귀걸이 next to 목걸이, 소파 next to 책상.
Alone they are wrong four times in five. Korean compounds end in what they are, so a neighbour counts
only if it ends in the same two syllables (통기타, 전기기타), or one word contains the other (네온,
네온사인). Each picturable noun taken out of the lexicon in turn: at `MIN_SIMILARITY` and
above the rule gives its head word back six times in ten, and most of the rest is a like thing
(a beard for a mustache); below, it soon falls under a half.
"""

from __future__ import annotations

from songdalle_core.morphology import similar_nouns
from songdalle_core.translation.lexicon import Entry, Lexicon

MIN_SIMILARITY = 0.75
NEIGHBOURS = 40


def akin(noun: str, neighbour: str) -> bool:
    """True if the two share their last two syllables, or one contains the other."""
    if min(len(noun), len(neighbour)) < 2 or noun == neighbour:
        return False
    return noun[-2:] == neighbour[-2:] or noun in neighbour or neighbour in noun


def borrow(lexicon: Lexicon, noun: str) -> Entry | None:
    """The entry of the nearest picturable noun akin to `noun`, or None below `MIN_SIMILARITY`."""
    if len(noun) < 2:
        return None
    for neighbour, similarity in similar_nouns(noun, NEIGHBOURS):
        if similarity < MIN_SIMILARITY:
            return None
        entry = lexicon.lookup(neighbour) if akin(noun, neighbour) else None
        if entry is not None and entry.pos == "noun" and entry.picturable:
            return entry
    return None
