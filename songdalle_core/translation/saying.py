"""The parts of a parsed text put together as one short phrase.

Things come before bare actions, times last, and what does not fit is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from songdalle_core.translation import english
from songdalle_core.translation.clauses import Item
from songdalle_core.translation.phrases import Clause, NounPhrase
from songdalle_core.translation.speaking import VISIBLE_ACTIONS, Speaker
from songdalle_core.translation.vocabulary import ENGLISH_FUNCTION_WORDS

MAX_WORDS = 20

_LEADING = ("a", "an", "the", "of", "in", "on", "at", "by", "and", "with", "under", "for", "to")
# What a noun phrase that lost its verb may begin with.
_LOOSE = re.compile(r"^(?:with|to|from|of|toward|into) (?=\S)")
_LOOSE_FIRST = re.compile(
    r"^(?:in front of|in the middle of|at the (?:end|edge) of|like|in|on|at|by|under|over|beyond|"
    r"outside|behind|beside|between|around|near|across|along) (?=\S)"
)


def say(items: Sequence[Item], max_words: int = MAX_WORDS) -> tuple[str, bool]:
    """The parsed items as one phrase of at most `max_words` words, and whether it names a thing.

    Chunks are parted by commas. Without a thing only what a person can be seen doing is said.
    """
    speaker = Speaker()
    chunks: list[str] = []
    times: list[NounPhrase] = []  # said last
    # Said only when there is nothing else: a verb alone (walking), English without a thing in it.
    visible: list[str] = []
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
            chunk = speaker.scene(item)
        elif isinstance(item, Clause) and _is_verbless(item):
            chunk = _verbless(speaker, item)
        else:
            chunk = speaker.clause(item)
        if isinstance(item, Clause) and item.bare and not _names_a_part(item):
            visible += [chunk] if chunk and item.first_word in VISIBLE_ACTIONS else []
        else:
            chunks.append(chunk)
    said = [_LOOSE.sub("", chunk) for chunk in dict.fromkeys(filter(None, chunks))]
    when = [phrase for phrase in map(speaker.time, times) if phrase]
    if said:
        said[0] = _standing_alone(said[0])
    if when:
        said[-1:] = [f"{said[-1]} {when[0]}"] if said else [when[0]]
    return ", ".join(shorten(said or visible or asides, max_words)), speaker.named > 0


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
    """A verb that names what is seen of a person: close eyes, hold hands."""
    return bool(set(clause.verb.split()[1:]) & english.ATTRIBUTES)


def _is_verbless(clause: Clause) -> bool:
    """A subject and where or when it is, and nothing else."""
    rest = clause.verb or clause.objects or clause.earlier or clause.negated
    return len(clause.subjects) == 1 and not rest


def _verbless(speaker: Speaker, clause: Clause) -> str:
    """A subject and its circumstances: 'footprints on the street'."""
    said = [speaker.scene(clause.subjects[0])]
    said += [speaker.place(p) for p in clause.places] + [speaker.time(t) for t in clause.times]
    return " ".join(s for s in said if s)


def shorten(chunks: Sequence[str], max_words: int) -> list[str]:
    """The chunks that fit, in order: those that name a thing first go before bare actions.

    When not even one fits it is cut, not behind an article or preposition.
    """
    by_worth = sorted(range(len(chunks)), key=lambda i: chunks[i].split()[0].endswith("ing"))
    kept: dict[int, str] = {}
    room = max_words
    for index in by_worth:
        words = chunks[index].split()
        if len(words) > room:
            if kept:
                continue
            words = words[:room]
            while len(words) > 1 and words[-1] in _LEADING:
                words.pop()
        kept[index] = " ".join(words)
        room -= len(words)
    return [kept[index] for index in sorted(kept)]
