"""What every translator takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LAST_RESORT = "a quiet scene"
"""English for a text of which nothing could be translated."""


@dataclass(frozen=True, slots=True)
class Translation:
    """English for one text.

    Attributes:
        text: the phrase, never empty for a text that has a word.
        unknown: Korean lemmas that were dropped, as the lexicon does not have them; each once.
        passthrough: the text had no Korean and is returned unchanged.
        images: lemmas of abstractions that gave an image to paint (사랑: a heart).
        borrowed: nouns the lexicon does not have, each with the near synonym that lent its English.
        stand_in: name of the fallback translator that made it; None if the translator of choice did.
    """

    text: str
    unknown: tuple[str, ...] = ()
    passthrough: bool = False
    images: tuple[str, ...] = ()
    borrowed: tuple[tuple[str, str], ...] = ()
    stand_in: str | None = None


class Translator(Protocol):
    """Translates texts into English."""

    def translate_many(self, texts: Sequence[str]) -> list[Translation]:
        """English for each text, in order; text without Korean passes through."""
        ...
