"""Subjects named in a prompt, and which of them it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from songdalle_core.captions.vocabulary import Subject
from songdalle_core.wordsets import word_set

ARTICLES = word_set("a an the my your our his her their this that some")
_PAIRS = word_set("and with beside next")


@dataclass(frozen=True)
class Mention:
    """A subject named in a prompt.

    Attributes:
        start, end: positions of its words in the prompt, [start, end).
        looseness: 0 if named by its name, 1 by a word that means just this, 2 by another.
        faint: the word mostly means something else, or measures what follows (a bowl of).
        placed: it comes after a preposition.
        acting: a verb follows it.
        colour: that the prompt gives it; "" for none.
    """

    subject: Subject
    start: int
    end: int
    looseness: int
    faint: bool
    placed: bool
    acting: bool
    colour: str = ""

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, float, int]:
        """Sort key, smallest for what a line is most likely about: who acts, the rare, the plainly named."""
        minor = self.faint or self.subject.minor
        vague = self.looseness > 1
        featured = self.acting or bool(self.colour)
        return minor, self.placed, not featured, vague, self.subject.often, self.start

    @property
    def phrase(self) -> str:
        """The subject as captions name it, with its colour."""
        if not self.colour:
            return self.subject.phrase
        article = "an" if self.colour[0] in "aeiou" else "a"
        counted = self.subject.phrase != self.subject.name
        return f"{f'{article} ' if counted else ''}{self.colour} {self.subject.name}"


def chosen_mentions(mentions: Sequence[Mention], words: Sequence[str]) -> list[Mention]:
    """The subject, and the one it is joined to where both are named plainly ("a cat and a bird")."""
    if not mentions:
        return []
    best = min(mentions, key=lambda mention: mention.rank)
    index = mentions.index(best)
    for first, second in ((index - 1, index), (index, index + 1)):
        if first < 0 or second >= len(mentions):
            continue
        pair = mentions[first], mentions[second]
        between = [w for w in words[pair[0].end : pair[1].start] if w not in ARTICLES]
        plain = all(m.looseness < 2 and not m.faint for m in pair)
        if plain and pair[0].subject is not pair[1].subject and _joins(between):
            return list(pair)
    return [best]


def _joins(between: list[str]) -> bool:
    return bool(between) and between[0] in _PAIRS and len(between) <= 2
