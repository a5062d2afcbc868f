"""What stands near a word, by which the lexicon chooses between homographs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from songdalle_core.morphology import Morpheme
from songdalle_core.translation.vocabulary import SUFFIX_VERBS, dictionary_form

REACH = 8
OWNED = "~의"


def surroundings(morphemes: Sequence[Morpheme], index: int) -> Mapping[str, int]:
    """Lemmas within `REACH` morphemes of the one at `index`, with their distance; 하다 verbs in full.

    `OWNED` stands for a pronoun that owns it, right before it: 내 눈.
    """
    at_verb = morphemes[index].tag[0] == "V"
    near: dict[str, int] = {}
    for other in range(max(0, index - REACH), min(len(morphemes), index + REACH + 1)):
        morpheme = morphemes[other]
        if other == index or morpheme.tag[0] not in "NVXM":
            continue
        lemmas = [morpheme.lemma]
        if morpheme.tag in SUFFIX_VERBS and other:
            lemmas.append(morphemes[other - 1].form + dictionary_form(morpheme))
        # Korean is head-final: what a verb takes stands before it, what a noun meets after it.
        distance = abs(other - index) + (at_verb == (other > index))
        for lemma in lemmas:
            near[lemma] = min(distance, near.get(lemma, 2 * REACH))
    before = [m.tag for m in morphemes[max(0, index - 2) : index]]
    if before == ["NP", "JKG"]:
        near[OWNED] = 0
    return near
