"""The translation stage: Korean lyrics to a short English phrase for the image model."""

from songdalle_core.translation.gloss import GlossTranslator
from songdalle_core.translation.lexicon import Entry, Lexicon, LexiconError
from songdalle_core.translation.translator import LAST_RESORT, Translation

__all__ = [
    "LAST_RESORT",
    "Entry",
    "GlossTranslator",
    "Lexicon",
    "LexiconError",
    "Translation",
]
