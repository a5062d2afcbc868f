"""Laughter typed so fast that it grew onto the word before it: 나빜ㅋㅋ is 나비, 강아짛ㅎㅎ is 강아지."""

from __future__ import annotations

import re
from itertools import product

from songdalle_core.hangul import FINALS, INITIALS, SYLLABLES, VOWELS, compose, decompose

_OF_ITS_OWN = frozenset("좋놓넣낳닿쌓찧빻땋렇떻얗갛랗멓맣엌녘")
"""Syllables of stems that end in ㅎ, and of the words that end in ㅋ."""


def _ending_in(final: str) -> str:
    """All syllables with this final, but for those that have it of their own."""
    pairs = product(range(len(INITIALS)), range(len(VOWELS)))
    syllables = (compose(initial, vowel, FINALS.index(final)) for initial, vowel in pairs)
    return "".join(syllable for syllable in syllables if syllable not in _OF_ITS_OWN)


# Only 부엌 and 녘 end in ㅋ, so that one at the end of a word is a laugh; a ㅎ is if another follows.
# 엌 is a kitchen behind 부 only, and a stem such as 닿 is none behind another syllable (바닿ㅎㅎ).
_GROWN = re.compile(
    f"[{_ending_in('ㅋ')}](?![{SYLLABLES}])|[{_ending_in('ㅎ')}](?=[ㅋㅎ])"
    f"|(?<!부)엌(?![{SYLLABLES}])|(?<=[{SYLLABLES}])[놓넣낳닿쌓찧빻땋](?=[ㅋㅎ])"
)


def without_grown_laughter(text: str) -> str:
    """`text` without the ㅋ or ㅎ that laughter left in the last syllable of a word."""
    return _GROWN.sub(lambda match: compose(*decompose(match.group())[:2]), text)
