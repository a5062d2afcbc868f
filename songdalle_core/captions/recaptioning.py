"""Recaptioning: prompts rewritten in the wording of the embedded image models' training captions.

A text-to-image model draws best from the wording of its training captions, so a service rewrites prompts
into captions before it draws (Betker et al., "Improving Image Generation with Better Captions", 2023,
section 3.5, with a large language model). The embedded models were trained on captions of composed scenes
with a known vocabulary; here the phrases of it that a prompt names are put in the order of a caption:

    a painting of a heart stopping, kittens dozing by the old pond at midnight. a mood of calmness
    a painting of a cat by the lake at night. a mood of calmness

A prompt that names a place alone becomes a caption of scenery, and so does one that names but weather, light
or a season: a place that shows it is chosen. One that names nothing of the vocabulary stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from songdalle_core.captions.clock import read_clock
from songdalle_core.captions.mentions import ARTICLES, Mention, chosen_mentions
from songdalle_core.captions.scenery import (
    SNOW,
    is_falling,
    light_of_sun,
    places_for,
    words_of_weather,
)
from songdalle_core.captions.vocabulary import (
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
_POSITIONS = word_set(
    "in on at by under over above below behind before beside along across inside outside of through near "
    "around into onto to from between among beneath against toward towards like"
)
_ABSENT = word_set("without no")


@dataclass(frozen=True)
class Reading:
    """What a prompt names of the vocabulary.

    Attributes:
        caption: the prompt rewritten as a caption; as it was if it names neither subject nor place.
        values: the values of each field of a scene (`SUBJECT`, `PLACE`...) that is named; of `SUBJECT` none
            to two.
        colours: of each subject, "" for none.
        home: the place where it is drawn, which the prompt need not name; "" if it may be anywhere.
        scenes: places that do as well as `home`, it included, where the prompt names weather or light alone.
    """

    caption: str
    values: Mapping[str, tuple[str, ...]]
    colours: tuple[str, ...] = ()
    home: str = ""
    scenes: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        """Name and colour of each subject."""
        return tuple(zip(self.values.get(SUBJECT, ()), self.colours, strict=True))

    def first(self, kind: str) -> str | None:
        """The value of a field; None where the prompt names none."""
        return next(iter(self.values.get(kind, ())), None)


@dataclass
class _Content:
    """What the words of a prompt name: subjects, and the first value of each kind of circumstance."""

    mentions: list[Mention] = field(default_factory=list)
    circumstances: dict[str, str] = field(default_factory=dict)
    snow: bool = False  # named, and not as something that falls


class Recaptioner:
    """Rewrites prompts into captions; safe to share between threads."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._subjects: dict[tuple[str, ...], tuple[Subject, int, str]] = {}
        for looseness in (0, 1, 2):
            words = [
                (word, subject)
                for subject in vocabulary.subjects
                for word in _words_of(subject, looseness)
            ]
            for form in (str, _plural, _in_one):
                for word, subject in words:
                    self._subjects.setdefault(tuple(form(word).split()), (subject, looseness, word))
        self._weather = words_of_weather(vocabulary)
        self._circumstances = self._weather | {
            tuple(words.split()): value for words, value in vocabulary.circumstances.items()
        }
        if "snow" in vocabulary.phrases.get(WEATHER, {}):
            self._weather[SNOW] = (WEATHER, "snow")
        known = (*self._subjects, *self._circumstances)
        self._longest = max((len(words) for words in known), default=0)

    @classmethod
    def of(cls, folder: Path) -> Recaptioner | None:
        """A recaptioner with the vocabulary of a model's folder; None where the folder has no vocabulary.

        Raises:
            ValueError: the file is no vocabulary.
        """
        path = folder / FILE
        return cls(Vocabulary.read(path)) if path.is_file() else None

    def caption(self, prompt: str) -> str:
        """The prompt as a caption; in lower case where it was rewritten."""
        return self.read(prompt).caption

    def read(self, prompt: str) -> Reading:
        """What a prompt names."""
        text = " ".join(prompt.lower().split())
        style, mood = _STYLE.match(text), _MOOD.search(text)
        known = self._style(style.group(1)) if style else ""
        body = text[style.end() if style and known else 0 : mood.start() if mood else None]
        body, open_part = read_clock(body)
        words = [word.removesuffix("'s") for word in _WORDS.findall(body)]
        content = self._content(words)
        circumstances = content.circumstances
        if (open_part,) in self._circumstances:
            circumstances.setdefault(*self._circumstances[(open_part,)])
        chosen = chosen_mentions(content.mentions, words)
        scenes: tuple[str, ...] = ()
        if not chosen and PLACE not in circumstances:
            scenes = places_for(circumstances, words, self.vocabulary)
        elsewhere = chosen[0].subject.home if chosen else next(iter(scenes), "")
        home = circumstances.get(PLACE, elsewhere)
        values: dict[str, tuple[str, ...]] = {
            kind: (value,) for kind, value in circumstances.items()
        }
        values[SUBJECT] = tuple(mention.subject.name for mention in chosen)
        if known:
            values[STYLE] = (known,)
        if mood:
            values[MOOD] = (mood.group(1).capitalize(),)
        caption = prompt
        if chosen or home:
            caption = " ".join(self._parts(chosen, home, circumstances))
            caption = f"{style.group() if style and known else ''}{caption}"
            caption += f". a mood of {mood.group(1)}" if mood else ""
        colours = tuple(mention.colour for mention in chosen)
        return Reading(caption, values, colours, home, scenes)

    def _parts(
        self, chosen: list[Mention], home: str, circumstances: Mapping[str, str]
    ) -> list[str]:
        """The phrases of a caption, in their order: what, where, in what weather, when."""
        phrases = self.vocabulary.phrases
        if chosen:
            parts = [" and ".join(mention.phrase for mention in chosen)]
            parts += [phrases[PLACE][home]] if home else []
        else:
            parts = [phrases[SCENERY][home]]
        said = [kind for kind in (WEATHER, LIGHT) if kind in circumstances]
        return parts + [phrases[kind][circumstances[kind]] for kind in said]

    def _style(self, words: str) -> str:
        """The style that a prompt's beginning names, or nothing."""
        ends = [word for word in self.vocabulary.styles if words.endswith(word)]
        return self.vocabulary.styles[max(ends, key=len)] if ends else ""

    def _content(self, words: list[str]) -> _Content:
        content, last_end = _Content(), 0
        dual: list[Mention] = []  # subjects that are circumstances as well
        for start, end, key in self._matches(words):
            if words[max(last_end, start - 2) : start] and _denied(words, start):
                continue
            if len(key) == 1 and key[0] in self.vocabulary.colours and self._names(words, end):
                continue  # an orange cat
            before, last_end = words[max(last_end, start - _REACH) : start], end
            entry, circumstance = self._subjects.get(key), self._circumstances.get(key)
            if key in self._weather:
                entry, circumstance = None, self._weather[key]
                if key == SNOW and not is_falling(words[max(0, start - 2) : end + 3]):
                    content.snow = True
                    continue
            if entry is None and circumstance is not None:
                content.circumstances.setdefault(*circumstance)
            elif entry is not None:
                mention = self._mention(words, (start, end), before, entry)
                if content.mentions and content.mentions[-1].end == start:  # in a bicycle basket
                    mention = replace(mention, placed=content.mentions[-1].placed)
                (content.mentions if circumstance is None else dual).append(mention)
        return self._settled(content, dual, words)

    def _names(self, words: list[str], start: int) -> bool:
        """Whether a subject is named at `start`."""
        return any(
            tuple(words[start : start + length]) in self._subjects
            for length in range(1, self._longest + 1)
        )

    def _settled(self, content: _Content, dual: list[Mention], words: list[str]) -> _Content:
        """What is both a subject and a circumstance (a window, snow) is a subject where nothing else is."""
        bare = all(m.faint or m.subject.minor for m in content.mentions)
        if bare and dual and PLACE not in content.circumstances:
            alone = dual.pop(0)
            content.mentions.append(alone)
            kind, value = self._circumstances[tuple(words[alone.start : alone.end])]
            if kind == LIGHT:  # moonlight is a moon, and night
                content.circumstances.setdefault(kind, value)
        for mention in dual:
            key = tuple(words[mention.start : mention.end])
            content.circumstances.setdefault(*self._circumstances[key])
        if any(mention.subject.name == "sun" for mention in content.mentions):
            light = light_of_sun(words)
            if light in self.vocabulary.phrases.get(LIGHT, {}):
                content.circumstances.setdefault(LIGHT, light)
        if content.snow:  # it lies where nothing else is the place; elsewhere, and alone, it falls
            lies = content.circumstances.setdefault(PLACE, "snow") == "snow"
            if not lies or not content.mentions:
                content.circumstances.setdefault(WEATHER, "snow")
        return content

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
    ) -> Mention:
        (start, end), (subject, looseness, word) = span, entry
        near = (*before[-2:], *word.split()[:-1])  # "red balloon" is a word of its own
        colour = next((w for w in near if w in self.vocabulary.colours), "")
        return Mention(
            subject,
            start,
            end,
            looseness,
            faint=word in self.vocabulary.faint or words[end : end + 1] == ["of"],
            placed=any(w in _POSITIONS for w in before),
            acting=words[end : end + 1] != [] and words[end].endswith("ing"),
            colour=colour if subject.tinted else "",
        )


def _denied(words: list[str], start: int) -> bool:
    before = [w for w in words[max(0, start - 3) : start] if w not in ARTICLES]
    return bool(before) and before[-1] in _ABSENT


def _words_of(subject: Subject, looseness: int) -> tuple[str, ...]:
    if looseness == 0:
        return (subject.name,)
    return subject.words[: subject.near] if looseness == 1 else subject.words[subject.near :]


def _in_one(words: str) -> str:
    return words.replace(" ", "")


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return f"{word[:-1]}ies"
    return f"{word}s"
