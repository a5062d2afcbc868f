"""Nouns in an English phrase, without a tagger: words are compared in the singular, and a stretch
is a noun if a dictionary of picturable nouns has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from songdalle_core.wordsets import word_set

LONGEST_NOUN = 4  # words: "a bouquet of roses" without its article
_WORD = re.compile(r"[a-zà-ÿ0-9]+(?:'[a-z]+)?")
_IRREGULAR = {
    "children": "child", "feet": "foot", "geese": "goose", "men": "man", "mice": "mouse",
    "people": "person", "teeth": "tooth", "women": "woman", "leaves": "leaf", "wolves": "wolf",
    "knives": "knife", "loaves": "loaf", "scarves": "scarf", "shelves": "shelf", "wives": "wife",
    "lives": "life", "halves": "half", "thieves": "thief", "movies": "movie", "cookies": "cookie",
    "ties": "tie", "pies": "pie", "shoes": "shoe", "canoes": "canoe", "toes": "toe",
    "waves": "wave", "gloves": "glove", "graves": "grave", "caves": "cave", "doves": "dove",
    "olives": "olive", "stoves": "stove", "sleeves": "sleeve", "eaves": "eaves",
}  # fmt: skip
_NOT_PLURAL = ("ss", "us", "is", "'s")
# "White snow falling" names one thing: colours and participles are nouns in dictionaries only.
_COLOURS = word_set("white black red blue green yellow pink purple brown gray grey")
_NOUNS_IN_ING = word_set(
    "building painting evening morning lightning clothing wedding ceiling railing earring darling"
)


def words(text: str) -> list[str]:
    """The words of `text`, lower-cased, each in the singular as far as rules of thumb go.

    A hyphen parts words: tree-lined is two.
    """
    return [_singular(word) for word in _WORD.findall(text.lower())]


def positions(phrase: Sequence[str], text: Sequence[str]) -> set[int]:
    """Indices of the words of `text` that belong to an occurrence of `phrase`."""
    size = len(phrase)
    spans = [
        range(start, start + size)
        for start in range(len(text) - size + 1)
        if size and list(text[start : start + size]) == list(phrase)
    ]
    return {index for span in spans for index in span}


def find_nouns(text: Sequence[str], is_noun: Callable[[str], bool]) -> list[range]:
    """Spans of nouns in singular words, from left to right, the longest wherever one begins."""
    spans: list[range] = []
    start = 0
    while start < len(text):
        longest = min(LONGEST_NOUN, len(text) - start)
        sizes = (n for n in range(longest, 0, -1) if is_noun(" ".join(text[start : start + n])))
        size = next(sizes, 0)
        if size == 1 and _describes(text[start]):
            size = 0
        if size:
            spans.append(range(start, start + size))
        start += size or 1
    return spans


def covered(phrases: Iterable[str], text: Sequence[str]) -> set[int]:
    """Indices of the words of `text` that belong to an occurrence of any of `phrases`."""
    return {index for phrase in phrases for index in positions(words(phrase), text)}


def _describes(word: str) -> bool:
    """True for a colour or a participle: its stem has a vowel, unlike that of ring or spring."""
    stem = word.removesuffix("ing")
    participle = stem != word and re.search("[aeiouy]", stem) and word not in _NOUNS_IN_ING
    return word in _COLOURS or bool(participle)


def _singular(word: str) -> str:
    word = word.removesuffix("'s")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(_NOT_PLURAL):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]
