"""The ranges and the letters of Hangul, against the Unicode data that Python ships."""

from __future__ import annotations

import re
import unicodedata

import pytest

from songdalle_core import hangul

CHARACTERS = [chr(code) for code in range(0x10000)]
"""The Basic Multilingual Plane, which holds all of Hangul."""


def named(prefix: str) -> set[str]:
    """All characters whose Unicode name begins with `prefix`."""
    return {c for c in CHARACTERS if unicodedata.name(c, "").startswith(prefix)}


def in_class(ranges: str) -> set[str]:
    """All characters of a range."""
    return set(re.findall(f"[{ranges}]", "".join(CHARACTERS)))


def test_ranges_are_those_of_unicode() -> None:
    letters = named("HANGUL LETTER ")
    assert in_class(hangul.SYLLABLES) == named("HANGUL SYLLABLE ")
    assert in_class(hangul.LETTERS) == set(hangul.INITIALS + hangul.VOWELS + "".join(hangul.FINALS))
    assert in_class(hangul.LETTERS) < letters
    filler = unicodedata.lookup("HANGUL FILLER")
    assert letters | {filler} == in_class(hangul.COMPATIBILITY_JAMO) - {"\u3130", "\u318f"}


@pytest.mark.parametrize(
    ("text", "syllables", "any_hangul"),
    [
        ("사랑", True, True),
        ("love 힣", True, True),
        ("ㅋㅋ", False, True),
        ("love", False, False),
        ("", False, False),
        ("\u1109\u1161", False, False),
        ("恋", False, False),
        ("ㆍ", False, False),
    ],
)
def test_contains(text: str, syllables: bool, any_hangul: bool) -> None:
    assert hangul.contains_syllables(text) is syllables
    assert hangul.contains_hangul(text) is any_hangul


def test_a_syllable_is_one_character() -> None:
    assert hangul.is_syllable("밤")
    assert not any(map(hangul.is_syllable, ("", "밤밤", "ㅂ", "b")))


def test_syllables_are_taken_apart_as_unicode_does() -> None:
    for syllable in map(chr, range(ord("가"), ord("힣") + 1)):
        initial, vowel, final = hangul.decompose(syllable)
        assert hangul.compose(initial, vowel, final) == syllable
        conjoining = chr(0x1100 + initial) + chr(0x1161 + vowel)
        conjoining += chr(0x11A7 + final) if final else ""
        assert unicodedata.normalize("NFD", syllable) == conjoining


@pytest.mark.parametrize(
    ("syllable", "letters"), [("값", "ㄱㅏㅄ"), ("뷁", "ㅂㅞㄺ"), ("의", "ㅇㅢ"), ("꽃", "ㄲㅗㅊ")]
)
def test_letters_of_a_syllable(syllable: str, letters: str) -> None:
    initial, vowel, final = hangul.decompose(syllable)
    assert hangul.INITIALS[initial] + hangul.VOWELS[vowel] + hangul.FINALS[final] == letters


def test_the_final_that_kiwi_writes_is_a_conjoining_one() -> None:
    assert unicodedata.name(hangul.FINAL_NIEUN) == "HANGUL JONGSEONG NIEUN"
