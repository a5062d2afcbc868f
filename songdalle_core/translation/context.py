"""The context of a word, by which the lexicon chooses between homographs (word sense disambiguation)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from songdalle_core.morphology import Morpheme
from songdalle_core.translation.vocabulary import SUFFIX_VERBS, dictionary_form

WINDOW = 8
"""Morphemes on either side of a word."""
POSSESSED = "~의"
"""Context lemma of a word right after a possessive pronoun: 내 눈."""


def context_of(morphemes: Sequence[Morpheme], index: int) -> Mapping[str, int]:
    """Lemmas within `WINDOW` morphemes of the one at `index`, with their distance; 하다 verbs in full."""
    at_verb = morphemes[index].tag[0] == "V"
    near: dict[str, int] = {}
    for other in range(max(0, index - WINDOW), min(len(morphemes), index + WINDOW + 1)):
        morpheme = morphemes[other]
        if other == index or morpheme.tag[0] not in "NVXM":
            continue
        lemmas = [morpheme.lemma]
        if morpheme.tag in SUFFIX_VERBS and other:
            lemmas.append(morphemes[other - 1].form + dictionary_form(morpheme))
        # Korean is head-final: what a verb takes stands before it, what a noun meets after it.
        distance = abs(other - index) + (at_verb == (other > index))
        for lemma in lemmas:
            near[lemma] = min(distance, near.get(lemma, 2 * WINDOW))
    before = [m.tag for m in morphemes[max(0, index - 2) : index]]
    if before == ["NP", "JKG"]:
        near[POSSESSED] = 0
    return near
