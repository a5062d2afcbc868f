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
from songdalle_core.translation.speaking import VISIBLE_ACTIONS, Speaker, shorten
from songdalle_core.translation.vocabulary import ENGLISH_FUNCTION_WORDS
from songdalle_core.translation.words import WordReader

MAX_WORDS = 20
LAST_RESORT = "a quiet scene"

# What a noun phrase that lost its verb may begin with.
_LOOSE = re.compile(r"^(?:with|to|from|of|toward|into) (?=\S)")
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
        text, pictured = say(items)
        images: tuple[str, ...] = ()
        if not pictured:
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
        if isinstance(item, Clause) and item.bare and not item.subjects:
            visible += [chunk] if chunk and item.first_word in VISIBLE_ACTIONS else []
        else:
            chunks.append(chunk)
    said = [_LOOSE.sub("", chunk) for chunk in dict.fromkeys(filter(None, chunks))]
    when = [phrase for phrase in map(speaker.time, times) if phrase]
    if when:
        said[-1:] = [f"{said[-1]} {when[0]}"] if said else [when[0]]
    return ", ".join(shorten(said or visible or asides, max_words)), speaker.named > 0


def _is_verbless(clause: Clause) -> bool:
    """A subject and where or when it is, and nothing else."""
    rest = clause.verb or clause.objects or clause.earlier or clause.negated
    return len(clause.subjects) == 1 and not rest


def _verbless(speaker: Speaker, clause: Clause) -> str:
    """A subject and its circumstances: 'footprints on the street'."""
    said = [speaker.scene(clause.subjects[0])]
    said += [speaker.place(p) for p in clause.places] + [speaker.time(t) for t in clause.times]
    return " ".join(s for s in said if s)
