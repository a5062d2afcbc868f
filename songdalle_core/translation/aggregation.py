"""Aggregation: the parts of a parsed text become one short phrase (Reiter and Dale, 2000, chapter 5).

Things come before bare actions, times last, and what does not fit is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from songdalle_core.translation import english
from songdalle_core.translation.clauses import Item
from songdalle_core.translation.phrases import Clause, NounPhrase
from songdalle_core.translation.realisation import VISIBLE_ACTIONS, Realiser
from songdalle_core.translation.vocabulary import ENGLISH_FUNCTION_WORDS

MAX_WORDS = 20

_LEADING = ("a", "an", "the", "of", "in", "on", "at", "by", "and", "with", "under", "for", "to")
# What a noun phrase that lost its verb may begin with.
_LOOSE = re.compile(r"^(?:with|to|from|of|toward|into) (?=\S)")
_LOOSE_FIRST = re.compile(
    r"^(?:in front of|in the middle of|at the (?:end|edge) of|like|in|on|at|by|under|over|beyond|"
    r"outside|behind|beside|between|around|near|across|along) (?=\S)"
)


def aggregate(items: Sequence[Item], max_words: int = MAX_WORDS) -> tuple[str, bool]:
    """The parsed items as one phrase of at most `max_words` words, and whether it names a thing.

    Chunks are parted by commas. Without a thing the phrase holds only visible actions of a person.
    """
    realiser = Realiser()
    chunks: list[str] = []
    times: list[NounPhrase] = []  # go last
    # For want of anything else: a verb alone (walking), English without a thing in it.
    actions: list[str] = []
    asides: list[str] = []
    for item in items:
        if isinstance(item, str):
            chunk = item
            if all(word.lower() in ENGLISH_FUNCTION_WORDS for word in item.split()):
                asides.append(chunk)  # you and I
                continue
        elif isinstance(item, NounPhrase) and item.is_time and not item.described:
            times.append(item)
            continue
        elif isinstance(item, NounPhrase):
            chunk = realiser.scene(item)
        elif isinstance(item, Clause) and _is_verbless(item):
            chunk = _verbless(realiser, item)
        else:
            chunk = realiser.clause(item)
        if isinstance(item, Clause) and item.bare and not _names_a_part(item):
            actions += [chunk] if chunk and item.first_word in VISIBLE_ACTIONS else []
        else:
            chunks.append(chunk)
    distinct = [_LOOSE.sub("", chunk) for chunk in dict.fromkeys(filter(None, chunks))]
    when = next(filter(None, map(realiser.time, times)), "")
    if distinct:
        distinct[0] = _standing_alone(distinct[0])
    if when:
        distinct[-1:] = [f"{distinct[-1]} {when}"] if distinct else [when]
    return ", ".join(shorten(distinct or actions or asides, max_words)), realiser.nouns > 0


def _standing_alone(chunk: str) -> str:
    """A place that nothing stands in: 'under the street lamp' is a street lamp."""
    thing = _LOOSE_FIRST.sub("", chunk)
    if thing == chunk or not thing.startswith("the "):
        return thing
    words = thing.removeprefix("the ").split()
    end = next((i for i, w in enumerate(words) if w in english.PREPOSITIONS), len(words))
    name = " ".join(words[:end])
    head = english.head_word(name) if name else ""
    if not name or english.is_plural(name) or english.is_mass(name):
        return " ".join(words)
    return thing if head in english.UNIQUE else english.article(" ".join(words))


def _names_a_part(clause: Clause) -> bool:
    """A verb that names a part of a person: close eyes, hold hands."""
    return bool(set(clause.verb.split()[1:]) & english.ATTRIBUTES)


def _is_verbless(clause: Clause) -> bool:
    """A subject with places and times, and nothing else."""
    rest = clause.verb or clause.objects or clause.earlier or clause.negated
    return len(clause.subjects) == 1 and not rest


def _verbless(realiser: Realiser, clause: Clause) -> str:
    """A subject and its circumstances: 'footprints on the street'."""
    parts = [realiser.scene(clause.subjects[0])]
    parts += [*map(realiser.place, clause.places), *map(realiser.time, clause.times)]
    return " ".join(filter(None, parts))


def shorten(chunks: Sequence[str], max_words: int) -> list[str]:
    """The chunks that fit, in order: those that name a thing first go before bare actions.

    When not even one fits it is cut, not behind an article or preposition.
    """
    by_worth = sorted(range(len(chunks)), key=lambda i: chunks[i].split()[0].endswith("ing"))
    fitting: dict[int, str] = {}
    room = max_words
    for index in by_worth:
        words = chunks[index].split()
        if len(words) > room:
            if fitting:
                continue
            words = words[:room]
            while len(words) > 1 and words[-1] in _LEADING:
                words.pop()
        fitting[index] = " ".join(words)
        room -= len(words)
    return [fitting[index] for index in sorted(fitting)]
