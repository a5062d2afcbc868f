"""The prompt policy: does a prompt ask, in words, for something that is not drawn?

The rules match words, not meanings: explicit wording, also with accents, digits for letters (nud3) or the
letters apart (n u d e), but no allusions.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from songdalle_core.policy.words import RULES, Rule

_LEET = str.maketrans("@431!0$57", "aaeiiosst")
_WORD = re.compile(r"[a-z0-9@$!]+")
_SPELT_OUT = re.compile(r"(?<![a-z0-9])(?:[a-z][ .\-_*]{1,2}){3,40}[a-z](?![a-z0-9])")
_AGE = re.compile(r" (\d{1,2}) ?(?:years? old|yrs? old|yo) ")
_OF_AGE = 18
_FOLDED = {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "ı": "i", "đ": "d"}
# Letters of other scripts that look like Latin ones; a prompt is English.
_LOOKALIKES = str.maketrans("асеорхуікѕαεικορτυ", "aceopxyiksaeikoptu") | str.maketrans(_FOLDED)
_POSSESSIVE = re.compile("['’]s?")


@dataclass(frozen=True)
class Finding:
    """A subject that is not drawn, and the words that ask for it."""

    subject: str
    words: str


@dataclass(frozen=True)
class _Compiled:
    """A rule's patterns over text with single spaces between words and at both ends."""

    name: str
    alone: re.Pattern[str]
    together: tuple[re.Pattern[str], re.Pattern[str]] | None
    spared: re.Pattern[str]

    def find(self, text: str) -> str | None:
        text = self.spared.sub(" _", text)
        if match := self.alone.search(text):
            return match.group().strip()
        matches = [pattern.search(text) for pattern in self.together or ()]
        phrases = [match.group().strip() for match in matches if match]
        return ", ".join(phrases) if len(phrases) == 2 else None


def check_prompt(text: str) -> tuple[Finding, ...]:
    """Findings of `text`, one a subject that is not drawn; empty if it may be drawn.

    Args:
        text: an English prompt of any length; words of other scripts are passed over.
    """
    readings = _readings(text)
    findings = []
    for rule in _rules():
        words = next((words for reading in readings if (words := rule.find(reading))), None)
        if words is not None:
            findings.append(Finding(rule.name, words))
    return tuple(findings)


def _readings(text: str) -> tuple[str, ...]:
    """The words of `text` in a row; and once more with letters for digits and spelt words joined."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cf"))
    plain = _POSSESSIVE.sub("", plain.lower().translate(_LOOKALIKES))
    joined = _SPELT_OUT.sub(lambda match: re.sub("[^a-z]", "", match.group()), plain)
    rows = (_row(plain), _row(joined), _row(joined, leet=True))
    return tuple(dict.fromkeys(rows))


def _row(text: str, *, leet: bool = False) -> str:
    words = (match.group() for match in _WORD.finditer(text))
    cleaned = (_letters(word) if leet else word.strip("@$!") for word in words)
    row = f" {' '.join(cleaned)} "
    minor = any(int(age) < _OF_AGE for age in _AGE.findall(row))
    return f"{row}underage " if minor else row


def _letters(word: str) -> str:
    return word.rstrip("!").translate(_LEET) if re.search("[a-z]", word) else word


@lru_cache(maxsize=1)
def _rules() -> tuple[_Compiled, ...]:
    return tuple(_compiled(rule) for rule in RULES)


def _compiled(rule: Rule) -> _Compiled:
    pair = rule.together and (_any(rule.together[0]), _any(rule.together[1]))
    return _Compiled(rule.name, _any(rule.asks), pair, _any(rule.spared))


def _any(phrases: str) -> re.Pattern[str]:
    """Matches any phrase of a list in the notation of `words.py`, between spaces."""
    written = [_pattern(phrase) for phrase in phrases.split(",") if phrase.strip()]
    return re.compile(f" (?:{'|'.join(written)})(?= )" if written else "(?!)")


def _pattern(phrase: str) -> str:
    places = (place.replace("*", "[a-z]*").split("/") for place in phrase.split())
    return " ".join(f"(?:{'|'.join(words)})" for words in places)
