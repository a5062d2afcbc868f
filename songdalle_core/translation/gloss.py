"""The embedded translator: a gloss, a short English phrase for what a Korean lyric shows.

Transfer-based machine translation without a corpus: kiwi's morphemes become English words (`words`), the
words become clauses and noun phrases (`parsing`, `clauses`), and these become English (`realisation`,
`aggregation`). The phrase names what can be painted, in an order English accepts, and leaves out I and
you, promises and questions.
"""

from __future__ import annotations

from collections.abc import Sequence

from songdalle_core.hangul import contains_hangul
from songdalle_core.morphology import Morpheme, analyse_many
from songdalle_core.translation import english
from songdalle_core.translation.aggregation import aggregate
from songdalle_core.translation.lexicon import Lexicon
from songdalle_core.translation.parsing import PhraseParser
from songdalle_core.translation.translator import LAST_RESORT, Translation
from songdalle_core.translation.vocabulary import dictionary_form
from songdalle_core.translation.words import WordReader

_IMAGE_TAGS = ("NNG", "NNP", "VV", "VA", "XR", "MAG", "IC")


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
        korean = [text for text in texts if contains_hangul(text)]
        analyses = iter(analyse_many(korean))
        return [
            self._gloss(next(analyses))
            if contains_hangul(text)
            else Translation(text, passthrough=True)
            for text in texts
        ]

    def _gloss(self, morphemes: list[Morpheme]) -> Translation:
        reader = WordReader(self._lexicon, morphemes)
        items = PhraseParser(reader.read()).parse()
        text, pictured = aggregate(items)
        images: tuple[str, ...] = ()
        if not pictured:
            image, images = self._image(morphemes)
            text = ", ".join(filter(None, (image, text)))
        unknown = tuple(dict.fromkeys(reader.unknown))
        borrowed = tuple(reader.borrowed.items())
        return Translation(
            text or self._known_words(morphemes, reader.quantities) or LAST_RESORT,
            unknown,
            False,
            images,
            borrowed,
        )

    def _image(self, morphemes: Sequence[Morpheme]) -> tuple[str, tuple[str, ...]]:
        """Up to two different images for the abstractions named, and their lemmas."""
        lemmas: dict[str, str] = {}  # by image
        for morpheme, following in zip(morphemes, [*morphemes[1:], None], strict=True):
            tag = morpheme.tag.partition("-")[0]
            if tag not in _IMAGE_TAGS:
                continue
            lemma, image = morpheme.lemma, None
            if following is not None and following.tag in ("XSV", "XSA"):
                whole = morpheme.form + dictionary_form(following)
                image = self._lexicon.image_of(whole, "VV") or self._lexicon.image_of(whole, "VA")
            if lemma == "보다" and self._misses(morphemes, morpheme):
                image = self._lexicon.image_of("보고싶다", "VA")
            image = image or self._lexicon.image_of(lemma, tag)
            if image and image not in lemmas and len(lemmas) < 2:
                lemmas[image] = lemma
        images = [
            image if english.has_article(image) or english.is_plural(image) or
            english.is_mass(image) else english.article(image)
            for image in lemmas
        ]  # fmt: skip
        return " and ".join(images), tuple(lemmas.values())

    @staticmethod
    def _misses(morphemes: Sequence[Morpheme], seeing: Morpheme) -> bool:
        """보고 싶다: to miss somebody."""
        after = [m for m in morphemes if seeing.end <= m.start][:2]
        return any(m.lemma == "싶다" for m in after)

    def _known_words(self, morphemes: Sequence[Morpheme], quantities: set[int]) -> str:
        """English of the first three known nouns and verbs, for want of a phrase; units are none."""
        words: list[str] = []
        for index, morpheme in enumerate(morphemes):
            tag = morpheme.tag.partition("-")[0]
            if tag not in ("NNG", "NNP", "XR", "VV", "VA") or index in quantities:
                continue
            entry = self._lexicon.lookup(morpheme.lemma, tag)
            if entry is not None and entry.english not in words:
                verb = entry.pos == "verb"
                words.append(english.participle(entry.english) if verb else entry.english)
        return ", ".join(words[:3])
