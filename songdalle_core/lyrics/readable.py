"""Which lines the stages can read: Korean and English; romanised Korean and other languages they cannot.

A line in Latin letters counts as English unless three witnesses say otherwise: fewer than half of its words are
known English (`english_words.txt`, with slang and names), a classifier of letter sequences finds other
languages far likelier (langid: M. Lui and T. Baldwin, "langid.py: An Off-the-shelf Language Identification
Tool", ACL 2012), and the words themselves speak for another one (`foreign_words.txt`, syllables of romanised
Korean, or many words of which none is English). So English with slang is never refused for its spelling. Lines
about which the witnesses disagree follow the rest of their text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from songdalle_core.hangul import COMPATIBILITY_JAMO, SYLLABLES, contains_syllables
from songdalle_core.lyrics.cleaning import SENTENCE_BREAK, CleanLyrics, clean_lyrics
from songdalle_core.lyrics.language import LATIN_WEIGHT, detect_language
from songdalle_core.lyrics.spacing import KiwiSpacer, Spacer
from songdalle_core.pasted import plain_lyrics
from songdalle_core.wordsets import word_set

Verdict = Literal["readable", "unread", "open"]

LANGUAGES = (
    "en", "es", "fr", "de", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "sk", "hr", "hu",
    "ro", "tr", "sq", "et", "lt", "ca", "gl", "sw", "vi", "id", "ms", "tl",
)  # fmt: skip
"""Languages in Latin letters that English is told from; romanised Korean is nearest to some of the others."""
UNLIKELY = 0.2
"""Probability of English below which a line may be of another language."""
MANY_WORDS = 4
"""So many different words that are not English speak for another language by themselves."""
MANY_ACCENTS = 3
"""So many accented words in a line, most of it, are no English ones (café, Beyoncé)."""
KOREAN = 2
"""So many syllables of Hangul can be read, whatever stands beside them."""
MOST_NAMED = 10
"""Unread lines that are named at most."""
_MOST_CHARACTERS = 120

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_VOCABLE = re.compile(
    r"(?:[lndtbr]a+|d[ou]+|o+h*|a+h+|u+h+|he+y|wo+a?h?|ye+a*h*|ya+h*|mm+|hm+|sh?a+|tu+|ru+|e+h+|ha+|ho+)+"
)
# English words that other languages use all day: they speak for neither.
_SHARED = word_set(
    "a i o u me no on in an am son die war man pan sin art hat do so as us con mar fin sang fort pour main "
    "plus dame was men van dan all den also solo mama papa come more more mine sol ya yo da em y"
)
_SUFFIXES = (
    "s",
    "es",
    "d",
    "ed",
    "r",
    "er",
    "ers",
    "est",
    "ing",
    "in",
    "ly",
    "y",
    "ness",
    "less",
    "ful",
    "ish",
)
_ENDINGS = ("'s", "'ll", "'ve", "'re", "'d", "'m", "n't", "'em", "'")
_INITIAL = "(?:kk|tt|pp|ss|jj|ch|[gkndtrlmbpsjh])?"
_VOWEL = "(?:yae|yeo|wae|eo|eu|ae|oe|ui|wa|wo|we|wi|ya|ye|yo|yu|oo|[aeiou])"
_ROMANISED = re.compile(f"(?:{_INITIAL}{_VOWEL}(?:ng|[kgntdlrmpbs](?!{_VOWEL}))?)+")
_KOREAN_VOWELS = re.compile("eo|eu|ae")
_OTHER_LETTER = re.compile(
    f"[^\\W\\d_A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff\uff21-\uff3a\uff41-\uff5a\u1100-\u11ff\uffa0-\uffdc"
    f"{SYLLABLES}{COMPATIBILITY_JAMO}]"
)
_LATIN_LETTER = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff\uff21-\uff3a\uff41-\uff5a]")
_HANGUL = re.compile(f"[{SYLLABLES}]")
_ACCENTED_WORD = re.compile(
    r"\b[A-Za-z]*[\u00c0-\u024f\u1e00-\u1eff][A-Za-z\u00c0-\u024f\u1e00-\u1eff]*"
)


@dataclass(frozen=True, slots=True)
class ReadLines:
    """The lines of a text that the stages can read, and the others."""

    readable: tuple[str, ...]
    unread: tuple[str, ...]


def is_foreign_script(line: str) -> bool:
    """Whether a line is in letters other than Hangul and Latin ones, but for a few Latin words."""
    line = unicodedata.normalize("NFKC", line)  # letters in costume are Latin ones
    others = len(_OTHER_LETTER.findall(line))
    latin = LATIN_WEIGHT * len(_LATIN_LETTER.findall(line))
    return others > latin and len(_HANGUL.findall(line)) < KOREAN


def is_readable(text: str) -> bool:
    """Whether a text of one line, such as a prompt, is Korean or may be English."""
    return not is_foreign_script(text) and _verdict(text.lower()) != "unread"


def read_lines(lines: Sequence[str], foreign: Sequence[str] = ()) -> ReadLines:
    """Part the cleaned lines of a text into those that can be read and those that cannot.

    What English is left of a text in another language must be two words at least, or none of it is readable:
    a single "love" or "oh yeah" is no lyric to draw.

    Args:
        lines: cleaned.
        foreign: lines of the text as it came that were in other scripts.
    """
    verdicts = {line: _verdict(line) for line in dict.fromkeys(lines)}
    undecided = [line for line, verdict in verdicts.items() if verdict == "open"]
    together = _verdict(" ".join(undecided)) if len(undecided) > 1 else "open"
    votes = list(verdicts.values())
    others = len(foreign) + votes.count("unread")
    if together == "unread" or others > votes.count("readable"):
        verdicts.update(dict.fromkeys(undecided, "unread"))
    readable = tuple(line for line in lines if verdicts[line] != "unread")
    rest = [line for line, verdict in verdicts.items() if verdict == "unread"]
    unread = tuple(dict.fromkeys([*foreign, *rest]))
    if unread and not any(map(contains_syllables, readable)):
        known = {word for line in readable for word in _words(line) if _is_english(word)}
        if len(known) < 2:
            return ReadLines((), (*unread, *dict.fromkeys(readable)))
    return ReadLines(readable, unread)


def read_lyrics(text: str, *, spacer: Spacer | None = None) -> tuple[CleanLyrics, tuple[str, ...]]:
    """The cleaned lyric with the lines that can be read, and the lines that cannot.

    Args:
        text: the lyric as typed or pasted.
        spacer: as for `clean_lyrics`.

    Returns:
        The lyric, without lines if none is readable; and the unread lines, each once.
    """
    spacer = spacer if spacer is not None else KiwiSpacer()
    clean = clean_lyrics(text, spacer=spacer)
    foreign = _foreign_lines(text)
    lines = clean.lines
    if foreign:  # the Latin words that stood in them are no lines of their own
        crumbs = set(clean_lyrics("\n".join(foreign), spacer=spacer).lines)
        lines = tuple(line for line in lines if line not in crumbs)
    read = read_lines(lines, foreign)
    if not read.unread:
        return clean, ()
    whole = SENTENCE_BREAK.join(read.readable)
    return CleanLyrics(whole, read.readable, detect_language(whole)), read.unread


def _foreign_lines(text: str) -> list[str]:
    """The lines of a text as it came in other scripts or full of accents, credits left out; each once."""
    if not _OTHER_LETTER.search(text) and len(_ACCENTED_WORD.findall(text)) < MANY_ACCENTS:
        return []
    lines = (" ".join(line.split()) for line in plain_lyrics(text).splitlines())
    return [line for line in dict.fromkeys(lines) if is_foreign_script(line) or _is_accented(line)]


def _is_accented(line: str) -> bool:
    """Whether most words have accents, as in Vietnamese, which cleaning takes off."""
    accented = len(_ACCENTED_WORD.findall(line))
    return accented >= MANY_ACCENTS and 5 * accented >= 3 * len(line.split())


def named(unread: Sequence[str]) -> tuple[str, ...]:
    """The first unread lines, shortened, for a note to who sent them."""
    return tuple(
        line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS - 1]}…"
        for line in unread[:MOST_NAMED]
    )


def warm_up() -> None:
    """Load the classifier now rather than in the first request."""
    _english_probability("")
    _english_words()


def _verdict(line: str) -> Verdict:
    if contains_syllables(line):
        return "readable"
    telling = [word for word in _words(line) if word not in _SHARED]
    unknown = [word for word in telling if not _is_english(word)]
    known = len(telling) - len(unknown)
    if not telling:
        return "open"
    if 2 * known >= len(telling):
        return "readable"
    if len(telling) == 1 and len(telling[0]) < 3:
        return "open"  # de do do do
    if _english_probability(line) >= UNLIKELY:
        return "readable" if known else "open"
    return "unread" if _speaks_for_another(unknown, known) else "open"


def _speaks_for_another(unknown: Sequence[str], known: int) -> bool:
    """Whether words that are not English are those of some other language, or too many to be slang."""
    foreign = _foreign_words()
    if sum(word in foreign or _looks_romanised(word) for word in unknown) > known:
        return True
    return len(unknown) >= MANY_WORDS and len(unknown) > 3 * known


def _words(line: str) -> list[str]:
    """The different words of a line, without sung sounds."""
    words = dict.fromkeys(_WORD.findall(line.lower()))
    return [word for word in words if not _VOCABLE.fullmatch(word)]


def _looks_romanised(word: str) -> bool:
    """saranghae: syllables of Korean, and a vowel as only its romanisation spells it."""
    return bool(_ROMANISED.fullmatch(word) and _KOREAN_VOWELS.search(word))


@lru_cache(maxsize=1)
def _english_words() -> frozenset[str]:
    return word_set(_rows("english_words.txt"))


@lru_cache(maxsize=1)
def _foreign_words() -> frozenset[str]:
    return word_set(re.sub(r"\w+:", "", _rows("foreign_words.txt"))) - _SHARED - _english_words()


def _rows(name: str) -> str:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return " ".join(line for line in lines if not line.startswith("#"))


@lru_cache(maxsize=4096)
def _is_english(word: str) -> bool:
    words = _english_words()
    if word in words or word.replace("'", "") in words:
        return True
    for ending in _ENDINGS:
        if word.endswith(ending):
            return _is_english(word.removesuffix(ending))
    return any(
        _stem_known(word.removesuffix(suffix), words)
        for suffix in _SUFFIXES
        if word.endswith(suffix) and len(word) - len(suffix) > 2
    )


def _stem_known(stem: str, words: frozenset[str]) -> bool:
    if stem in words or f"{stem}e" in words:
        return True
    doubled = len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in words  # runnin
    return doubled or (stem.endswith("i") and f"{stem[:-1]}y" in words)  # cries


@lru_cache(maxsize=1)
def _classifier() -> Callable[[str], Sequence[tuple[str, float]]]:
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(list(LANGUAGES))
    rank: Callable[[str], Sequence[tuple[str, float]]] = model.rank
    return rank


def _english_probability(line: str) -> float:
    return float(dict(_classifier()(line))["en"])
