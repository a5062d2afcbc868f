"""The translation stage: Korean lyrics to a short English phrase for the image model."""

from songdalle_core.translation.gloss import LAST_RESORT, GlossTranslator, Translation
from songdalle_core.translation.lexicon import Entry, Lexicon, LexiconError

__all__ = [
    "LAST_RESORT",
    "Entry",
    "GlossTranslator",
    "Lexicon",
    "LexiconError",
    "Translation",
]
