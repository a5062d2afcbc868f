"""ROUGE over morphemes (C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004,
sections 2 and 3): Korean words carry their particles, so that whole words would hardly ever match.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from songdalle_core.morphology import Morpheme, analyse_many

_WORDLESS = ("SF", "SP", "SS", "SE", "SO", "SW", "SB")


def tokens(texts: Iterable[str]) -> list[list[str]]:
    """The morphemes of each text as they are written, in lower case, without punctuation."""
    return [[m.form.lower() for m in morphemes if _is_word(m)] for morphemes in analyse_many(texts)]


def rouge_l(candidate: Sequence[str], reference: Sequence[str]) -> float:
    """F1 of the longest common subsequence; 0 if either is empty."""
    common = _longest_common_subsequence(candidate, reference)
    return _f1(common, len(candidate), len(reference))


def rouge_n(candidate: Sequence[str], reference: Sequence[str], n: int) -> float:
    """F1 of the n-grams, each counted as often as both have it; 0 if either has none."""
    one, other = (
        Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))
        for text in (candidate, reference)
    )
    return _f1((one & other).total(), one.total(), other.total())


def _f1(common: int, candidate: int, reference: int) -> float:
    if not common:
        return 0.0
    precision, recall = common / candidate, common / reference
    return 2 * precision * recall / (precision + recall)


def _longest_common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for item in one:
        above = row
        row = [0]
        for column, against in enumerate(other):
            best = above[column] + 1 if item == against else max(above[column + 1], row[column])
            row.append(best)
    return row[-1]


def _is_word(morpheme: Morpheme) -> bool:
    return not morpheme.tag.startswith(_WORDLESS)
