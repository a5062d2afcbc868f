"""Repetition of sung text, collapsed for reading: 아아아, yeahhhh, 랄라랄라랄라, la la la.

Numbers are never touched: 1000000 is a million, not a stretched ten.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

from songdalle_core.hangul import SYLLABLES

_RUN_LENGTH = 4
_UNITS = 8
_MAX_PHRASE = 4
_MAX_RUNS = 4

_HANGUL_RUN = re.compile(rf"([{SYLLABLES}])\1{{2,}}")
_LATIN_RUN = re.compile(r"([A-Za-z])\1{2,}", re.IGNORECASE)
_LATIN_WORD = re.compile(r"[A-Za-z']+")
_UNIT = re.compile(rf"([A-Za-z{SYLLABLES}]{{2,4}}?)\1{{2,}}", re.IGNORECASE)
_LONG_UNIT = re.compile(rf"([{SYLLABLES}]{{2,4}}?)\1{{8,}}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_EDGES = re.compile(r"^\W+|\W+$")

# Letters that English doubles inside a word (bb, ee, ll, oo ...); the others never come twice.
_DOUBLING = frozenset("bcdefglmnoprstz")

# Words in which the local rule of `_letters` guesses wrong: doubles at the end of a word, and
# single letters inside one that singers like to hold.
_HELD_WORDS = """
    good see free three tree bee knee agree flee too zoo boo woo shampoo all ball call fall hall
    tall wall small tell hell bell well sell fell spell smell shell cell kill will still till hill
    fill ill chill thrill roll doll full pull bull hollow kiss miss pass boss loss cross dress less
    bless mess press glass class grass guess princess off stuff cliff add odd
    love loves loved loving lovin lover glove above move moving gone done alone home come some one
    phone stone bone hope long song strong wrong along belong gonna dont don't only over open both
    hold cold gold told old so no go ago hello own show know slow grow low blow snow glow down town
    now how wow god lord more before world word work lonely lose close those rose nose
    he she we me hey they then when them every ever never forever heaven seven even very here there
    where were her heart hear dear tear near year yes yesterday let get set yet bed red end friend
    best rest better please really ready dream leave believe peace each reach teach beach
    people me my remember december time life like mine fine line tonight night light right
"""


def collapse_characters(text: str) -> str:
    """Three or more of the same letter in a row become what a reader would write.

    Hangul: one syllable remains (아아아 -> 아). Latin: one letter remains where English never
    doubles it or at the edge of a word (yeahhhh -> yeah, oooh -> oh), two inside a word where
    English may (goooood -> good, happpy -> happy); common words that break the rule are known
    (looove -> love, alllll -> all). Digits and everything else stay. Two in a row always stay.
    """
    text = _HANGUL_RUN.sub(r"\1", text)
    if not _LATIN_RUN.search(text):
        return text
    return _LATIN_WORD.sub(lambda match: _unstretch(match.group()), text)


def collapse_units(text: str) -> str:
    """A unit of two to four letters three or more times inside a word becomes one unit.

    랄라랄라랄라 -> 랄라, lalalala -> la, 사랑해사랑해사랑해 -> 사랑해. Twice stays: 하나하나, mama.
    """
    return _UNIT.sub(r"\1", text)


def shorten_runs(text: str) -> str:
    """Long runs of Hangul cut short: a syllable to four times, a unit of 2-4 syllables to eight.

    A spacer takes seconds for thousands of them and needs no more to see that something is sung.
    """
    text = _HANGUL_RUN.sub(lambda match: match.group()[:_RUN_LENGTH], text)
    return _LONG_UNIT.sub(lambda match: match.group(1) * _UNITS, text)


def dedupe_words(text: str) -> str:
    """`text` without words, phrases (up to four words) and sentences repeated at once.

    "love love love me" -> "love me"; "la la. la la. hey" -> "la. hey". Case does not count. A
    word that comes back later stays, numbers stay, and phrases are not matched across sentences.
    """
    sentences: list[str] = []
    previous = ""
    for sentence in _SENTENCE.split(text.strip()):
        shortened = " ".join(_without_echo(sentence.split()))
        key = _bare(shortened)
        if shortened and (key != previous or not key):
            sentences.append(shortened)
        previous = key
    return " ".join(sentences)


@lru_cache(maxsize=1)
def _held_words() -> frozenset[str]:
    return frozenset(_HELD_WORDS.split())


def _unstretch(word: str) -> str:
    runs = list(_LATIN_RUN.finditer(word))
    if not runs:
        return word
    if len(runs) <= _MAX_RUNS:
        # Most doubled first, so that goooood is looked up as good before god.
        for sizes in product((2, 1), repeat=len(runs)):
            candidate = _with_sizes(word, runs, sizes)
            if candidate.lower() in _held_words():
                return candidate
    return _with_sizes(word, runs, [_letters(word, run) for run in runs])


def _letters(word: str, run: re.Match[str]) -> int:
    inside = run.start() > 0 and run.end() < len(word)
    return 2 if inside and run.group(1).lower() in _DOUBLING else 1


def _with_sizes(word: str, runs: list[re.Match[str]], sizes: list[int] | tuple[int, ...]) -> str:
    pieces: list[str] = []
    last = 0
    for run, size in zip(runs, sizes, strict=True):
        pieces += [word[last : run.start()], run.group()[:size]]
        last = run.end()
    return "".join([*pieces, word[last:]])


def _without_echo(words: list[str]) -> list[str]:
    remaining: list[str] = []
    keys: list[str] = []
    for word in words:
        remaining.append(word)
        keys.append(_bare(word))
        size = 1
        while size <= _MAX_PHRASE and 2 * size <= len(keys):
            echo = keys[-size:]
            if echo == keys[-2 * size : -size] and any(key and not key.isdigit() for key in echo):
                # The earlier copy goes: the later one carries the comma or full stop.
                del remaining[-2 * size : -size], keys[-size:]
                size = 1
            else:
                size += 1
    return remaining


def _bare(word: str) -> str:
    return _EDGES.sub("", word).casefold()
