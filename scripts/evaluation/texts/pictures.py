"""Whether a summary names the things of the reference."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scripts.evaluation.texts.gold import Synonyms
from songdalle_core.hangul import contains_syllables
from songdalle_core.morphology import Morpheme, analyse

_NOMINAL = ("N", "XR", "XPN", "MM")  # 달 in 달빛, but not in 달려


def recall(summary: str, nouns: Sequence[Synonyms]) -> float:
    """Share of `nouns` of which the summary names a synonym."""
    morphemes = analyse(summary)
    named = [any(_names(summary, morphemes, word) for word in synonyms) for synonyms in nouns]
    return sum(named) / len(nouns)


def _names(summary: str, morphemes: Sequence[Morpheme], word: str) -> bool:
    """True if `word` stands in the summary: Korean from one morpheme's edge to another's, as a
    noun; English as a whole word, with or without a plural s."""
    if not contains_syllables(word):
        return bool(re.search(rf"(?<![a-z]){re.escape(word)}s?(?![a-z])", summary, re.I))
    begins = {m.start for m in morphemes if m.tag.startswith(_NOMINAL)}
    ends = {m.end for m in morphemes}
    return any(
        match.start() in begins and match.end() in ends
        for match in re.finditer(re.escape(word), summary)
    )
