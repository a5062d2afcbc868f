"""Hangul in Unicode: its character ranges, and syllables composed of letters and taken apart.

Ranges are written for a character class: `re.compile(f"[{SYLLABLES}]")`.

Source: The Unicode Standard 16.0, section 3.12 ("Conjoining Jamo Behavior") and the blocks Hangul Syllables
(AC00-D7AF), Hangul Compatibility Jamo (3130-318F) and Hangul Jamo (1100-11FF).
"""

from __future__ import annotations

import re

SYLLABLES = "\uac00-\ud7a3"
"""가-힣: all 11,172 precomposed syllables."""

LETTERS = "\u3131-\u3163"
"""ㄱ-ㅣ: the compatibility jamo of today's Korean, as keyboards type them."""

HANGUL = SYLLABLES + LETTERS

COMPATIBILITY_JAMO = "\u3130-\u318f"
"""The block of compatibility jamo, obsolete letters and unassigned code points included."""

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
"""The letters of a syllable in the order of the standard; a syllable may have no final."""

FINAL_NIEUN = "\u11ab"
"""The conjoining final ㄴ: the surface form that kiwi gives an ending or particle of this one letter."""

_FIRST = ord("가")
_SYLLABLE = re.compile(f"[{SYLLABLES}]")
_HANGUL = re.compile(f"[{HANGUL}]")


def is_syllable(character: str) -> bool:
    """True for one precomposed syllable."""
    return bool(_SYLLABLE.fullmatch(character))


def contains_syllables(text: str) -> bool:
    """True if `text` has a precomposed syllable; letters alone (ㅋㅋㅋ) are none."""
    return bool(_SYLLABLE.search(text))


def contains_hangul(text: str) -> bool:
    """True if `text` has a precomposed syllable or a letter of today's Korean."""
    return bool(_HANGUL.search(text))


def decompose(syllable: str) -> tuple[int, int, int]:
    """Indices of a precomposed syllable's letters in `INITIALS`, `VOWELS` and `FINALS`."""
    rest, final = divmod(ord(syllable) - _FIRST, len(FINALS))
    return (*divmod(rest, len(VOWELS)), final)


def compose(initial: int, vowel: int, final: int = 0) -> str:
    """The precomposed syllable of three indices: the inverse of `decompose`."""
    return chr(_FIRST + (initial * len(VOWELS) + vowel) * len(FINALS) + final)
