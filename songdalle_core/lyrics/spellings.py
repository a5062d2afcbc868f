"""The many ways to write one rude Korean word, as regular expressions.

A family is a row of syllables, each with its sound variants: 시씨쉬 발벌팔. Its pattern also reads
vowels that are held (씨이발, 시바알), letters taken apart (ㅅㅣㅂㅏㄹ), one syllable cut down to its
initial (ㅅ발, 병ㅅ) or masked (씨X, 개*끼), and up to two digits or signs in between (시1발).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from songdalle_core.hangul import (
    FINALS,
    HANGUL,
    INITIALS,
    LETTERS,
    VOWELS,
    compose,
    decompose,
    is_syllable,
)

INFIX = rf"[^\s{HANGUL}A-Za-z]{{0,2}}"

_SILENT_INITIAL = INITIALS.index("ㅇ")
_HELD = "{0,9}"
# A star before a syllable may be a bullet and one behind it emphasis, so neither masks alone.
_MASK_FIRST, _MASK_INSIDE, _MASK_LAST = "[xX×]", "[xX×○◯*]", r"(?:[xX×○◯]|\*(?=[같놈년새]))"

# The keys of the two-set Korean keyboard, shift left out as it is typed in passing.
_KEYS = dict(
    zip(
        "ㅂㅈㄷㄱㅅㅃㅉㄸㄲㅆㅛㅕㅑㅐㅔㅒㅖㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ",
        "qwertqwertyuiopopasdfghjklzxcvbnm",
        strict=True,
    )
)


def family(syllables: Sequence[str]) -> str:
    """The pattern of a family; each of `syllables` lists the characters that may stand there."""
    whole = [_syllable(column) for column in syllables]
    rows = [whole]
    if len(whole) > 1:
        rows += [[*whole[:at], _cut(syllables, at), *whole[at + 1 :]] for at in range(len(whole))]
    return "(?:" + "|".join(INFIX.join(row) for row in rows) + ")"


def typed_in_latin(word: str) -> str:
    """What a Korean keyboard left in Latin mode makes of `word`: 시발 gives tlqkf."""
    return "".join(_KEYS.get(letter, "") for character in word for letter in _letters(character))


def initials_row(words: Iterable[str]) -> str:
    """The pattern of a whole row of jamo that spells one of `words`, with laughter around (ㅋㅋㅂㅅ)."""
    gap = rf"[^{HANGUL}A-Za-z]{{0,2}}"
    spelt = "|".join(gap.join(word) for word in sorted(words, key=len, reverse=True))
    around = "[ㅋㅎㅠㅜㅡㅇ]*"
    return rf"(?<![{LETTERS}]){around}(?:{spelt})+(?:ㄹㅁ|ㄴㅇ|ㄴㄴ|ㄴ)?{around}(?![{LETTERS}])"


def _syllable(column: str) -> str:
    return "(?:" + "|".join(dict.fromkeys(form for each in column for form in _forms(each))) + ")"


def _forms(character: str) -> list[str]:
    if not is_syllable(character):
        return [re.escape(character)]
    initial, vowel, final = decompose(character)
    held = f"[{compose(_SILENT_INITIAL, vowel)}{VOWELS[vowel]}]{_HELD}"
    apart = "".join(letter + "{1,3}" for letter in _letters(character))
    if not final:
        return [character + held, apart]
    opened, closing = compose(initial, vowel), compose(_SILENT_INITIAL, vowel, final)
    return [character, f"{opened}{held}[{closing}{FINALS[final]}]", apart]


def _cut(syllables: Sequence[str], at: int) -> str:
    initials = "".join(
        dict.fromkeys(INITIALS[decompose(c)[0]] for c in syllables[at] if is_syllable(c))
    )
    last = at == len(syllables) - 1
    mask = _MASK_FIRST if at == 0 else _MASK_LAST if last else _MASK_INSIDE
    return f"(?:[{initials}]|{mask})"


def _letters(character: str) -> tuple[str, ...]:
    initial, vowel, final = decompose(character)
    return tuple(filter(None, (INITIALS[initial], VOWELS[vowel], FINALS[final])))
