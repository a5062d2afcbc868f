"""The embedded translator: a short English phrase for what a Korean lyric shows.

Not a translation to read aloud: the phrase names what can be painted, in an order English accepts,
and leaves out I and you, promises and questions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from songdalle_core.morphology import Morpheme, analyse_many
from songdalle_core.translation import english
from songdalle_core.translation.clauses import Item
from songdalle_core.translation.lexicon import Lexicon
from songdalle_core.translation.parsing import PhraseParser
from songdalle_core.translation.phrases import Clause, NounPhrase
from songdalle_core.translation.speaking import Speaker, shorten
from songdalle_core.translation.words import WordReader

MAX_WORDS = 20
LAST_RESORT = "a quiet scene"

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_IMAGE_TAGS = ("NNG", "NNP", "VV", "VA", "XR", "MAG", "IC")


@dataclass(frozen=True, slots=True)
class Translation:
    """English for one text.

    Attributes:
        text: the phrase, never empty for a text that has a word.
        unknown: Korean lemmas the lexicon does not have, in order, each once.
        passthrough: the text had no Korean and is returned as it was.
        images: lemmas of abstractions that gave an image to paint (사랑: a heart).
    """

    text: str
    unknown: tuple[str, ...] = ()
    passthrough: bool = False
    images: tuple[str, ...] = ()


class GlossTranslator:
    """Glosses Korean through kiwi lemmas and the project's lexicon.

    Args:
        lexicon: where words are looked up; the package's own if None.
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or Lexicon.load()

    def translate(self, text: str) -> Translation:
        """English for one text of any length; about `MAX_WORDS` words at most.

        Text without Korean passes through unchanged; English words in Korean text keep their
        place. When nothing can be painted, images of abstractions stand in (사랑: a heart); when
        there are none either, the known words; then the English words of the text; and when not
        one word is known, the phrase is `LAST_RESORT`.
        """
        return self.translate_many([text])[0]

    def translate_many(self, texts: Sequence[str]) -> list[Translation]:
        """English for each text, the Korean ones analysed in one call."""
        korean = [text for text in texts if _HANGUL.search(text)]
        analyses = iter(analyse_many(korean))
        return [
            self._gloss(next(analyses))
            if _HANGUL.search(text)
            else Translation(text, passthrough=True)
            for text in texts
        ]

    def _gloss(self, morphemes: list[Morpheme]) -> Translation:
        reader = WordReader(self._lexicon, morphemes)
        items = PhraseParser(reader.read()).parse()
        text = say(items)
        images: tuple[str, ...] = ()
        if not _says_picture(items, text):
            image, images = self._image(morphemes)
            text = ", ".join(filter(None, (image, text)))
        unknown = tuple(dict.fromkeys(reader.unknown))
        return Translation(text or self._known(morphemes) or LAST_RESORT, unknown, False, images)

    def _image(self, morphemes: Sequence[Morpheme]) -> tuple[str, tuple[str, ...]]:
        """Up to two different images for the abstractions named, and their lemmas."""
        found: dict[str, str] = {}
        for morpheme, following in zip(morphemes, [*morphemes[1:], None], strict=True):
            tag = morpheme.tag.partition("-")[0]
            if tag not in _IMAGE_TAGS:
                continue
            lemma, image = morpheme.lemma, None
            if following is not None and following.tag in ("XSV", "XSA"):
                whole = morpheme.form + following.lemma
                image = self._lexicon.image_of(whole, "VV") or self._lexicon.image_of(whole, "VA")
            image = image or self._lexicon.image_of(lemma, tag)
            if image and image not in found and len(found) < 2:
                found[image] = lemma
        images = [
            image if english.has_article(image) or english.is_plural(image) or
            english.is_mass(image) else english.article(image)
            for image in found
        ]  # fmt: skip
        return " and ".join(images), tuple(found.values())

    def _known(self, morphemes: Sequence[Morpheme]) -> str:
        """The first known nouns and verbs as they stand, when nothing better can be said."""
        words: list[str] = []
        for morpheme in morphemes:
            tag = morpheme.tag.partition("-")[0]
            if tag not in ("NNG", "NNP", "XR", "VV", "VA"):
                continue
            entry = self._lexicon.lookup(morpheme.lemma, tag)
            if entry is not None and entry.english not in words:
                verb = entry.pos == "verb"
                words.append(english.participle(entry.english) if verb else entry.english)
        return ", ".join(words[:3])


def say(items: Sequence[Item], max_words: int = MAX_WORDS) -> str:
    """The parsed items as one phrase of at most `max_words` words, chunks parted by commas."""
    speaker = Speaker()
    chunks: list[str] = []
    verbs: list[str] = []  # a verb alone (walking, waiting): said only when there is nothing else
    for item in items:
        if isinstance(item, str):
            chunk = item
        elif isinstance(item, NounPhrase):
            chunk = speaker.scene(item)
        elif len(item.subjects) == 1 and not item.verb and not item.objects and not item.negated:
            chunk = _verbless(speaker, item)
        else:
            chunk = speaker.clause(item)
        alone = isinstance(item, Clause) and item.bare and not item.subjects
        (verbs if alone else chunks).append(chunk)
    said = list(dict.fromkeys(filter(None, chunks))) or list(filter(None, verbs))
    return ", ".join(shorten(said, max_words))


def _verbless(speaker: Speaker, clause: Clause) -> str:
    """A subject and its circumstances: 'footprints on the street'."""
    said = [speaker.scene(clause.subjects[0])]
    said += [speaker.place(p) for p in clause.places] + [speaker.time(t) for t in clause.times]
    return " ".join(s for s in said if s)


def _says_picture(items: Sequence[Item], text: str) -> bool:
    """True if something of the Korean words reached the phrase."""
    english_words = {item for item in items if isinstance(item, str)}
    return any(chunk not in english_words for chunk in text.split(", ") if chunk)
