"""One normal form for all text that comes in: NFC, with every way to encode Hangul brought to syllables.

The same Korean text comes composed (keyboards), decomposed (file names of macOS), in half-width letters
(karaoke files), in letters of their own (ㅅㅏㄹㅏㅇ) and in letters of Old Hangul. All of it becomes the
syllables of today's Korean, so that words are found, compared and filtered alike. Letters that stand for
no syllable stay: ㅋㅋ, ㅠㅠ, ㅅㅂ.

Source: The Unicode Standard 16.0, section 3.12, the blocks Hangul Jamo (1100-11FF), its extensions A
(A960-A97F) and B (D7B0-D7FF), Hangul Compatibility Jamo (3130-318F), Halfwidth and Fullwidth Forms
(FFA0-FFDC); for runs of combining marks UAX #15, section 13 ("Stream-Safe Text Format").
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from songdalle_core.hangul import FINALS, INITIALS, LETTERS, SYLLABLES, VOWELS, compose

MAX_MARKS = 30
"""Combining marks in a row that are kept: more is no writing, and puts NFC to quadratic work."""

_CONJOINING = "\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb"
_HALF_WIDTH = "\uffa1-\uffdc"
_OLD_LETTERS = "\u3165-\u318e"
_FILLERS = "\u3164\uffa0"
_SPECIAL = re.compile(f"[{_CONJOINING}{_HALF_WIDTH}{_OLD_LETTERS}{_FILLERS}{LETTERS}]")
# What NFC left apart, with the syllables that it may belong to.
_APART = re.compile(f"(?:[{SYLLABLES}]?[{_CONJOINING}]+)+[{SYLLABLES}]?")
_HALF_WIDTH_RUN = re.compile(f"[{_HALF_WIDTH}]+")
_LETTER_RUN = re.compile(f"[{LETTERS}]{{2,}}")
_MARKS = re.compile(r"[^\w\s]{31,}")

# Two letters that a keyboard joins.
_JOINED = {
    "ㅗㅏ": "ㅘ", "ㅗㅐ": "ㅙ", "ㅗㅣ": "ㅚ", "ㅜㅓ": "ㅝ", "ㅜㅔ": "ㅞ", "ㅜㅣ": "ㅟ", "ㅡㅣ": "ㅢ",
    "ㄱㅅ": "ㄳ", "ㄴㅈ": "ㄵ", "ㄴㅎ": "ㄶ", "ㄹㄱ": "ㄺ", "ㄹㅁ": "ㄻ", "ㄹㅂ": "ㄼ", "ㄹㅅ": "ㄽ",
    "ㄹㅌ": "ㄾ", "ㄹㅍ": "ㄿ", "ㄹㅎ": "ㅀ", "ㅂㅅ": "ㅄ", "ㄱㄱ": "ㄲ", "ㅅㅅ": "ㅆ",
}  # fmt: skip
_TENSE = {"ㄱ": "ㄲ", "ㄷ": "ㄸ", "ㅂ": "ㅃ", "ㅅ": "ㅆ", "ㅈ": "ㅉ"}

# Letters of Old Hangul by their Unicode names, as they are read today.
_CONSONANT_NAMES = {
    "KIYEOK": "ㄱ", "NIEUN": "ㄴ", "TIKEUT": "ㄷ", "RIEUL": "ㄹ", "MIEUM": "ㅁ", "PIEUP": "ㅂ", "SIOS": "ㅅ",
    "CITUEUMSIOS": "ㅅ", "CEONGCHIEUMSIOS": "ㅅ", "IEUNG": "ㅇ", "CIEUC": "ㅈ", "CHITUEUMCIEUC": "ㅈ",
    "CEONGCHIEUMCIEUC": "ㅈ", "CHIEUCH": "ㅊ", "CHITUEUMCHIEUCH": "ㅊ", "CEONGCHIEUMCHIEUCH": "ㅊ",
    "KHIEUKH": "ㅋ", "THIEUTH": "ㅌ", "PHIEUPH": "ㅍ", "HIEUH": "ㅎ", "PANSIOS": "ㅅ",
    "YESIEUNG": "ㅇ", "YEORINHIEUH": "ㅇ", "KAPYEOUNPIEUP": "ㅂ", "KAPYEOUNRIEUL": "ㄹ", "KAPYEOUNMIEUM": "ㅁ",
    "KAPYEOUNPHIEUPH": "ㅍ", "KAPYEOUNSSANGPIEUP": "ㅃ", "CHITUEUMSIOS": "ㅅ",
    "CHITUEUMSSANGSIOS": "ㅆ", "CEONGCHIEUMSSANGSIOS": "ㅆ",
    "CHITUEUMSSANGCIEUC": "ㅉ", "CEONGCHIEUMSSANGCIEUC": "ㅉ",
}  # fmt: skip
_VOWEL_NAMES = {
    "A": "ㅏ", "AE": "ㅐ", "YA": "ㅑ", "YAE": "ㅒ", "EO": "ㅓ", "E": "ㅔ", "YEO": "ㅕ", "YE": "ㅖ", "O": "ㅗ",
    "WA": "ㅘ", "WAE": "ㅙ", "OE": "ㅚ", "YO": "ㅛ", "U": "ㅜ", "WEO": "ㅝ", "WE": "ㅞ", "WI": "ㅟ", "YU": "ㅠ",
    "EU": "ㅡ", "YI": "ㅢ", "I": "ㅣ", "ARAEA": "ㅏ", "ARAEAE": "ㅐ", "SSANGARAEA": "ㅏ",
}  # fmt: skip
_ROLES = {"CHOSEONG": "initial", "JUNGSEONG": "vowel", "JONGSEONG": "final", "LETTER": "letter"}

# A run of letters may be a face or a laugh: ㅇㅅㅇ, ㅇㅜㅇ, ㅋㅠ, ㅎㅡ.
_FACE = re.compile("ㅇ[ㅗㅛㅜㅠㅡㅏㅓㅣ]ㅇ|(?:[ㅋㅎ][ㅠㅜㅡ]+)+")
_OPEN = re.compile(f"([{INITIALS}])([{VOWELS}])([{VOWELS}]?)")
_CONSONANTS = re.compile(f"[{INITIALS}{''.join(FINALS)}]*")
_LAUGHED = re.compile(r"[ㅋㅎ]{2,}|(.)\1+")
_LAUGH = re.compile("[ㅋㅎㅠㅜㅡㅇ]*")


def normal_form(text: str) -> str:
    """`text` in NFC, its Hangul as syllables of today's Korean wherever letters stand for them.

    Linear in the length of `text`; the normal form of a normal form is itself.
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", _MARKS.sub(_few_marks, text))
    if not _SPECIAL.search(text):
        return text
    text = _APART.sub(lambda run: _read(unicodedata.normalize("NFD", run.group())), text)
    text = _HALF_WIDTH_RUN.sub(_full_width, text).translate(_old_letters())
    text = _LETTER_RUN.sub(lambda run: _composed(run.group()), text)
    return unicodedata.normalize("NFC", text)  # what a letter without a reading kept apart


def _few_marks(run: re.Match[str]) -> str:
    """The run without combining marks beyond the first `MAX_MARKS` in a row."""
    kept: list[str] = []
    marks = 0
    for character in run.group():
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def _read(conjoining: str) -> str:
    """Conjoining letters as modern syllables, old and split ones as they are read today; others as letters."""
    pieces: list[str] = []
    initials: list[str] = []
    vowel = final = ""
    for character in conjoining:
        role, letters = _reading(character)
        if (role == "initial" and (vowel or final)) or (role == "vowel" and final):
            pieces.append(_syllable(initials, vowel, final))
            initials, vowel, final = [], "", ""
        if role == "initial":
            initials.append(letters)
        elif role == "vowel":
            vowel += letters
        elif role == "final":
            final += letters
    return "".join([*pieces, _syllable(initials, vowel, final)])


def _syllable(initials: list[str], vowel: str, final: str) -> str:
    """One syllable of letters; what it has no place for stays before or behind it."""
    joined = _JOINED.get(vowel, vowel)
    if not initials or len(joined) != 1:
        return "".join(initials) + vowel + final
    before, cluster = initials[:-1], initials[-1]
    if before and before[-1] == cluster and cluster in _TENSE:
        cluster += before.pop()
    first = _initial(cluster)
    last = _JOINED.get(final, final)
    last = last if last in FINALS else final[:1]
    if not first:
        return "".join(initials) + vowel + final
    syllable = compose(INITIALS.index(first), VOWELS.index(joined), FINALS.index(last))
    return "".join(before) + syllable


def _initial(letters: str) -> str:
    """The modern initial of a cluster: ㅅㄱ and ㅂㄷ were what ㄲ and ㄸ are; empty if there is none."""
    letter = letters[-1:]
    if len(letters) > 1 and (letters[0] in "ㅅㅂ" or letters[0] == letter):
        letter = _TENSE.get(letter, letter)
    return letter if letter in INITIALS else ""


@lru_cache(maxsize=512)
def _reading(character: str) -> tuple[str, str]:
    """Role (initial, vowel, final, letter or none) of a letter of Hangul, and how it is read today."""
    words = unicodedata.name(character, "").split(" ")
    role = _ROLES.get(words[1], "") if len(words) == 3 else ""
    if not role or words[2] == "FILLER":
        return role, ""
    parts = words[2].split("-")
    if parts[-1] in _VOWEL_NAMES:
        vowels = [_VOWEL_NAMES.get(part, "") for part in parts]
        return role, _JOINED.get("".join(vowels), vowels[-1])
    return role, "".join(map(_consonant, parts))


def _consonant(name: str) -> str:
    single = _CONSONANT_NAMES.get(name)
    if single is not None:
        return single
    letter = _CONSONANT_NAMES.get(name.removeprefix("SSANG"), "")
    return _TENSE.get(letter, letter)


@lru_cache(maxsize=1)
def _half_width() -> dict[str, str]:
    """Half-width letters to compatibility ones, by their names."""
    names = {chr(code): unicodedata.name(chr(code), "") for code in range(0xFFA1, 0xFFDD)}
    return {c: unicodedata.lookup(n.removeprefix("HALFWIDTH ")) for c, n in names.items() if n}


def _full_width(run: re.Match[str]) -> str:
    """Half-width letters as syllables: who writes them writes whole words in them."""
    table = _half_width()
    letters = "".join(table.get(c, c) for c in run.group())
    return letters if _FACE.fullmatch(letters) and len(letters) > 2 else _spelt(letters)


@lru_cache(maxsize=1)
def _old_letters() -> dict[int, str]:
    """Compatibility letters of Old Hangul as today's; the fillers, which show nothing, as spaces."""
    table = dict.fromkeys(map(ord, _FILLERS), " ")
    for code in range(0x3165, 0x318F):
        letters = _reading(chr(code))[1]
        table[code] = letters if len(letters) == 1 else _initial(letters)
    return table


def _composed(letters: str) -> str:
    """Compatibility letters as syllables if all of them, but laughter around, spell some."""
    if _FACE.fullmatch(letters):
        return letters
    spelt = _spelt(letters)
    left = "".join(c for c in spelt if c <= "\u318f")
    return spelt if _LAUGH.fullmatch(left) else letters


def _spelt(letters: str) -> str:
    """Letters as a Korean keyboard joins them; those that fit no syllable stay."""
    pieces: list[str] = []
    at = 0
    while at < len(letters):
        opening = _OPEN.match(letters, at)
        if opening is None:
            pieces.append(letters[at])
            at += 1
            continue
        initial, vowel, glide = opening.groups()
        joined = _JOINED.get(vowel + glide, vowel) if glide else vowel
        at = opening.end(3) if joined != vowel else opening.end(2)
        final = _final(letters, at)
        at += len(final)
        closing = FINALS.index(_JOINED.get(final, final))
        pieces.append(compose(INITIALS.index(initial), VOWELS.index(joined), closing))
    return "".join(pieces)


def _final(letters: str, at: int) -> str:
    """The letters from `at` on that end a syllable: the last consonant begins the next, laughter none."""
    behind = letters[at : at + 3]
    consonants = _CONSONANTS.match(letters, at)
    length = len(consonants.group()) if consonants else 0
    follows = at + length < len(letters)
    if not follows and _LAUGHED.fullmatch(letters, at, at + length):
        return ""
    room = length - 1 if follows and letters[at + length - 1 : at + length] in INITIALS else length
    for size in (2, 1):
        final = behind[:size]
        if size <= room and (final in FINALS or _JOINED.get(final, "") in FINALS[1:]):
            return final
    return ""
