"""Korean word spacing by kiwi's morphemes, careful with what a lyricist wrote on purpose.

Kiwi's own `space` normalises: it joins 가을 타, makes 스쳐 가고 of 스쳐가고 and 우우 우우 of
우우우우. Lyrics want less: a space is added only where two words are surely glued, and taken
only from text that is scattered into single syllables (같 이 있 어 줘).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Protocol

from songdalle_core.hangul import SYLLABLES, contains_syllables, is_syllable
from songdalle_core.morphology import Morpheme, analyse


class Spacer(Protocol):
    """Anything that corrects the word spacing of a text."""

    def __call__(self, text: str) -> str:
        """`text` with Korean spacing corrected: only spaces may be added or taken away."""
        ...


# Tag groups of kiwi (Sejong tags; irregular verbs carry a suffix such as VV-R, cut off here).
_NOUN = frozenset({"NNG", "NNP", "NR", "XSN"})
_PREDICATE = frozenset({"VV", "VA", "VCN"})
_ENDS_WORD = frozenset({"EF", "EC", "ETM", "ETN", "MAG", "MAJ", "XSM"})
_STARTS_WORD = _PREDICATE | {"NNG", "NNP", "NNB", "NP", "NR", "MM", "MAG", "MAJ", "XPN", "XR", "SL"}
_CLINGS = ("J", "E", "XS", "VCP")

_LINKING = frozenset({"아", "어", "여"})  # 스쳐+가고, 안아+줘: may be written as one word
_NUMERALS = frozenset({"한", "두", "세", "네", "첫", "온", "맨"})
_PROMISES = frozenset({"게", "걸"})  # 말할게, 갈걸: one ending, though kiwi reads 것이, 것을
_PLACES = frozenset({"아래", "너머", "사이", "동안", "때문"})  # parted from a long noun
_LIGHT_VERBS = frozenset(
    {
        "하다",
        "되다",
        "시키다",
        "당하다",
        "받다",
        "나다",
        "지다",
        "들다",
        "맞다",
        "없다",
        "있다",
        "같다",
        "치다",
    }
)

_VOCABLES = "라랄나난우워오아야예에어하호허후두둥뚜루룰리샤샬바밤빠빰다따딴단디롤로르음흠헤이"
_VOCABLE_RUN = re.compile(f"[{_VOCABLES}]{{3,}}")
_GLUED_VOCABLES = re.compile(rf"(?<=[{SYLLABLES}]{{2}})(?=([라랄나루하호뚜따빠])\1{{3,}})")
_SCATTERED = re.compile(rf"(?<![^\s])[{SYLLABLES}](?: [{SYLLABLES}]){{2,}}(?![^\s.])")


class KiwiSpacer:
    """Spacing from kiwi's morphemes; English, numbers, vocables and good spacing stay."""

    def __call__(self, text: str) -> str:
        """`text` with glued Korean words parted and scattered syllables joined."""
        if not contains_syllables(text):
            return text
        text = _part_vocables(text)
        morphemes = [m for m in analyse(text) if m.end > m.start]
        vocables = _positions(run for run in _VOCABLE_RUN.finditer(text) if _sings(run.group()))
        scattered = _positions(
            run for run in _SCATTERED.finditer(text) if not _sings(run.group().replace(" ", ""))
        )
        parts: set[int] = set()
        joins: set[int] = set()
        end = 0
        for left, right in pairwise(morphemes):
            end = max(end, left.end)
            gap = text[end : right.start]
            if right.start == end and right.start not in vocables:
                promise = left.tag == "ETM" and text[end] in _PROMISES
                if not promise and _two_words(left, right) and _touches_hangul(text, end):
                    parts.add(end)
            elif gap == " " and end in scattered and right.tag.startswith(_CLINGS):
                joins.add(end)
        return "".join(
            (" " if i in parts else "") + character
            for i, character in enumerate(text)
            if i not in joins
        )


def _part_vocables(text: str) -> str:
    """춤추자라라라라 -> 춤추자 라라라라, which kiwi would read as one unknown noun."""
    spots = [
        spot.start()
        for spot in _GLUED_VOCABLES.finditer(text)
        if text[spot.start() - 1] not in _VOCABLES
    ]
    for spot in reversed(spots):
        text = f"{text[:spot]} {text[spot:]}"
    return text


def _sings(syllables: str) -> bool:
    """True for 라라라, 뚜루루뚜루, 랄라랄라: few different syllables, each a likely sound."""
    different = len(set(syllables))
    return set(syllables) <= set(_VOCABLES) and (
        different == 1 or (different <= 3 and len(syllables) >= 2 * different)
    )


def _positions(spans: Iterable[re.Match[str]]) -> set[int]:
    """Positions strictly inside any of the spans."""
    return {i for span in spans for i in range(span.start() + 1, span.end())}


def _touches_hangul(text: str, at: int) -> bool:
    return is_syllable(text[at - 1]) or is_syllable(text[at])


def _two_words(left: Morpheme, right: Morpheme) -> bool:
    """True if a space is due between two morphemes that are glued together."""
    before, after = left.tag.split("-")[0], right.tag.split("-")[0]
    if after == "VX":
        # 하고있어 -> 하고 있어, 보지못한 -> 보지 못한; after 아/어 the rules allow one word.
        return before == "EC" and left.form not in _LINKING and right.form not in {"하", "지"}
    if after not in _STARTS_WORD:
        return False
    if before.startswith("J") or before == "IC":
        return True
    if before in _ENDS_WORD:
        return _after_ending(left, before, after)
    if before == "MM":
        return after != "NNB" and left.form not in _NUMERALS
    if before == "SL":
        return len(right.form) > 1 and after != "NNB"
    if before == "NNB" and after in _PREDICATE:
        return True
    return before in _NOUN | {"NP", "NNB"} and _after_noun(left, right, after)


def _after_ending(left: Morpheme, before: str, after: str) -> bool:
    if before == "EC" and left.form in _LINKING:
        return after not in _PREDICATE
    return not (before == "MAG" and left.form == "못" and after in _PREDICATE)


def _after_noun(left: Morpheme, right: Morpheme, after: str) -> bool:
    if after in _PREDICATE:
        return right.lemma not in _LIGHT_VERBS
    if after in {"MAG", "MAJ", "SL"}:
        return len(right.form) > 1
    if after == "NP":
        return left.tag != "NP"
    if after == "MM":
        return right.form in _NUMERALS
    if right.form in _PLACES:
        return after in {"NNG", "NNB"} and len(left.form) > 1
    return after == "NNG" and left.tag == "NP" and len(right.form) > 1
