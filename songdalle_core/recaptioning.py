"""Prompts put the way the embedded image models learnt to read: recaptioning.

A text-to-image model draws best what is said as its training captions say it, so a service rewrites prompts
into captions before it draws (Betker et al., "Improving Image Generation with Better Captions", 2023,
section 3.5, with a large language model). The embedded models were trained on captions of composed scenes,
whose vocabulary is known; here a prompt is searched for it, and what was found is said again in order:

    a painting of a heart stopping, kittens dozing by the old pond at midnight. a mood of calmness
    a painting of a cat by the lake at night. a mood of calmness

A prompt that names a place alone becomes a caption of scenery; one that names nothing of the vocabulary stays
as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from songdalle_core.caption_vocabulary import (
    FILE,
    LIGHT,
    MOOD,
    PLACE,
    SCENERY,
    STYLE,
    SUBJECT,
    WEATHER,
    Subject,
    Vocabulary,
)
from songdalle_core.wordsets import word_set

_REACH = 4  # words between a preposition and its noun
_WORDS = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*|[.,;:!?]")
_STYLE = re.compile(r"an? ([a-z0-9 -]{1,60}?) of ")
_MOOD = re.compile(r"\.? *a mood of ([a-z]+)\W*$")
_ARTICLES = word_set("a an the my your our his her their this that some")
_POSITIONS = word_set(
    "in on at by under over above below behind before beside along across inside outside of through near "
    "around into onto to from between among beneath against toward towards like"
)
_ABSENT = word_set("without no")
_PAIRS = word_set("and with beside next")


@dataclass(frozen=True)
class Reading:
    """What a prompt says that the models know.

    Attributes:
        caption: the same as a caption.
        said: the values of each field of a scene (`SUBJECT`, `PLACE`...) that is named; of subjects up to
            two, which may also be none.
    """

    caption: str
    said: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Mention:
    """A subject named in a prompt.

    Attributes:
        start, end: its words.
        loosely: 0 by its name, 1 by a word that means just this, 2 by another.
        faint: the word mostly means something else, or measures what follows (a bowl of).
        placed: it comes after a preposition.
        acting: a verb follows it.
    """

    subject: Subject
    start: int
    end: int
    loosely: int
    faint: bool
    placed: bool
    acting: bool
    colour: str = ""

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, float, int]:
        """Smallest for what a line is most likely about: who acts, and the rare thing named plainly."""
        dim = self.faint or self.subject.minor
        vague = self.loosely > 1
        told = self.acting or bool(self.colour)
        return dim, self.placed, not told, vague, self.subject.often, self.start

    @property
    def phrase(self) -> str:
        """As a caption says it."""
        if not self.colour:
            return self.subject.phrase
        article = "an" if self.colour[0] in "aeiou" else "a"
        counted = self.subject.phrase != self.subject.name
        return f"{f'{article} ' if counted else ''}{self.colour} {self.subject.name}"


@dataclass
class _Found:
    mentions: list[_Mention] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    """The first value of each kind of circumstance."""


class Recaptioner:
    """Rewrites prompts into captions; safe to share between threads."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._subjects: dict[tuple[str, ...], tuple[Subject, int, str]] = {}
        for loosely in (0, 1, 2):
            words = [
                (word, subject)
                for subject in vocabulary.subjects
                for word in _words_of(subject, loosely)
            ]
            for form in (str, _plural, _in_one):
                for word, subject in words:
                    self._subjects.setdefault(tuple(form(word).split()), (subject, loosely, word))
        self._circumstances = {
            tuple(words.split()): said for words, said in vocabulary.circumstances.items()
        }
        known = (*self._subjects, *self._circumstances)
        self._longest = max((len(words) for words in known), default=0)

    @classmethod
    def of(cls, folder: Path) -> Recaptioner | None:
        """The one of a model's folder; None where the folder has no vocabulary.

        Raises:
            ValueError: the file is no vocabulary.
        """
        path = folder / FILE
        return cls(Vocabulary.read(path)) if path.is_file() else None

    def caption(self, prompt: str) -> str:
        """The prompt as a caption; in lower case where it was rewritten."""
        reading = self.read(prompt)
        return reading.caption if reading else prompt

    def read(self, prompt: str) -> Reading | None:
        """What a prompt says; None if it names nothing of the vocabulary."""
        text = " ".join(prompt.lower().split())
        style, mood = _STYLE.match(text), _MOOD.search(text)
        known = self._style(style.group(1)) if style else ""
        body = text[style.end() if style and known else 0 : mood.start() if mood else None]
        words = [word.removesuffix("'s") for word in _WORDS.findall(body)]
        found = self._find(words)
        chosen, said, phrases = _chosen(found.mentions, words), found.said, self.vocabulary.phrases
        if not chosen and PLACE not in said:
            return None
        if chosen:
            home = said.get(PLACE, chosen[0].subject.home)
            parts = [" and ".join(mention.phrase for mention in chosen)]
            parts += [phrases[PLACE][home]] if home else []
        else:
            parts = [phrases[SCENERY][said[PLACE]]]
        parts += [phrases[kind][said[kind]] for kind in (WEATHER, LIGHT) if kind in said]
        caption = f"{style.group() if style and known else ''}{' '.join(parts)}"
        values: dict[str, tuple[str, ...]] = {kind: (value,) for kind, value in said.items()}
        values[SUBJECT] = tuple(mention.subject.name for mention in chosen)
        if known:
            values[STYLE] = (known,)
        if mood:
            caption = f"{caption}. a mood of {mood.group(1)}"
            values[MOOD] = (mood.group(1).capitalize(),)
        return Reading(caption, values)

    def _style(self, words: str) -> str:
        """The style that a prompt's beginning names, or nothing."""
        ends = [word for word in self.vocabulary.styles if words.endswith(word)]
        return self.vocabulary.styles[max(ends, key=len)] if ends else ""

    def _find(self, words: list[str]) -> _Found:
        found, place = _Found(), 0
        dual: list[_Mention] = []
        for start, end, key in self._matches(words):
            if words[max(place, start - 2) : start] and _denied(words, start):
                continue
            if len(key) == 1 and key[0] in self.vocabulary.colours and self._names(words, end):
                continue  # an orange cat
            before, place = words[max(place, start - _REACH) : start], end
            entry, said = self._subjects.get(key), self._circumstances.get(key)
            if entry is None and said is not None:
                found.said.setdefault(*said)
            elif entry is not None:
                mention = self._mention(words, (start, end), before, entry)
                if found.mentions and found.mentions[-1].end == start:  # in a bicycle basket
                    mention = replace(mention, placed=found.mentions[-1].placed)
                (found.mentions if said is None else dual).append(mention)
        return self._settled(found, dual, words)

    def _names(self, words: list[str], start: int) -> bool:
        """Whether a subject is named at `start`."""
        return any(
            tuple(words[start : start + length]) in self._subjects
            for length in range(1, self._longest + 1)
        )

    def _settled(self, found: _Found, dual: list[_Mention], words: list[str]) -> _Found:
        """What is both a subject and a circumstance (a window, snow) is a subject where nothing else is."""
        bare = all(m.faint or m.subject.minor for m in found.mentions)
        if bare and dual and PLACE not in found.said:
            found.mentions.append(dual.pop(0))
        for mention in dual:
            found.said.setdefault(*self._circumstances[tuple(words[mention.start : mention.end])])
        return found

    def _matches(self, words: list[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """The longest known phrases from left to right."""
        start = 0
        while start < len(words):
            for length in range(min(self._longest, len(words) - start), 0, -1):
                key = tuple(words[start : start + length])
                if key in self._subjects or key in self._circumstances:
                    yield start, start + length, key
                    start += length
                    break
            else:
                start += 1

    def _mention(
        self,
        words: list[str],
        span: tuple[int, int],
        before: list[str],
        entry: tuple[Subject, int, str],
    ) -> _Mention:
        (start, end), (subject, loosely, word) = span, entry
        near = (*before[-2:], *word.split()[:-1])  # "red balloon" is a word of its own
        colour = next((w for w in near if w in self.vocabulary.colours), "")
        return _Mention(
            subject,
            start,
            end,
            loosely,
            faint=word in self.vocabulary.faint or words[end : end + 1] == ["of"],
            placed=any(w in _POSITIONS for w in before),
            acting=words[end : end + 1] != [] and words[end].endswith("ing"),
            colour=colour if subject.tinted else "",
        )


def _chosen(mentions: list[_Mention], words: list[str]) -> list[_Mention]:
    """The subject, and the one it is joined to where both are named plainly ("a cat and a bird")."""
    if not mentions:
        return []
    best = min(mentions, key=lambda mention: mention.rank)
    index = mentions.index(best)
    for first, second in ((index - 1, index), (index, index + 1)):
        if first < 0 or second >= len(mentions):
            continue
        pair = mentions[first], mentions[second]
        between = [w for w in words[pair[0].end : pair[1].start] if w not in _ARTICLES]
        plain = all(m.loosely < 2 and not m.faint for m in pair)
        if plain and pair[0].subject is not pair[1].subject and _joins(between):
            return list(pair)
    return [best]


def _joins(between: list[str]) -> bool:
    return bool(between) and between[0] in _PAIRS and len(between) <= 2


def _denied(words: list[str], start: int) -> bool:
    before = [w for w in words[max(0, start - 3) : start] if w not in _ARTICLES]
    return bool(before) and before[-1] in _ABSENT


def _words_of(subject: Subject, loosely: int) -> tuple[str, ...]:
    if loosely == 0:
        return (subject.name,)
    return subject.words[: subject.near] if loosely == 1 else subject.words[subject.near :]


def _in_one(words: str) -> str:
    return words.replace(" ", "")


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return f"{word[:-1]}ies"
    return f"{word}s"
