"""Translators that are encoder-decoder transformers: what MarianMT and NLLB share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from songdalle_core.hangul import contains_hangul
from songdalle_core.pretrained import generate_texts
from songdalle_core.translation.sentences import pieces, split_sentences
from songdalle_core.translation.translator import LAST_RESORT, Translation

LONGEST = 512
"""Tokens of a sentence: what Marian's positions hold, and what NLLB was trained on."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How translations are searched for, in the meanings of `transformers`' `generate`.

    Attributes:
        max_length: most tokens of a sentence's translation.
        num_beams: hypotheses of the beam search; 1 is greedy.
        batch_tokens: most tokens of one call of the model, padding included.
    """

    max_length: int = 128
    num_beams: int = 4
    batch_tokens: int = 8192


class Seq2SeqTranslator:
    """Translates sentence by sentence, all sentences of all texts in batches.

    Args:
        model: a model with `generate`.
        tokenizer: encodes the source language, end mark included, and decodes English.
        first_token: what every translation is made to begin with; None leaves it to the model.
        normalise: makes a sentence what the model was trained on.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        options: SearchOptions | None = None,
        first_token: int | None = None,
        normalise: Callable[[str], str] = str,
    ) -> None:
        self.options = options or SearchOptions()
        self._model = model
        self._tokenizer = tokenizer
        self._first_token = first_token
        self._normalise = normalise
        self._limit = min(LONGEST, model.config.max_position_embeddings)

    def translate(self, text: str) -> Translation:
        """English for one text; see `translate_many`."""
        return self.translate_many([text])[0]

    def translate_many(self, texts: Sequence[str]) -> list[Translation]:
        """English for each text; text without Korean passes through.

        A sentence longer than the model takes is cut between words. Where the model writes nothing,
        the text is `LAST_RESORT`.
        """
        parts = [self._parts(text) if contains_hangul(text) else [] for text in texts]
        english = iter(self._translate([part for each in parts for part in each]))
        return [
            Translation(_joined([next(english) for _ in each]) or LAST_RESORT)
            if each
            else Translation(text, passthrough=True)
            for text, each in zip(texts, parts, strict=True)
        ]

    def _parts(self, text: str) -> list[str]:
        sentences = filter(None, map(self._normalise, split_sentences(text)))
        return [p for s in sentences for p in pieces(s, self._fits)]

    def _fits(self, sentence: str) -> bool:
        return len(self._tokenizer(sentence).input_ids) <= self._limit

    def _translate(self, sentences: Sequence[str]) -> list[str]:
        encoded = [
            self._tokenizer(s, truncation=True, max_length=self._limit).input_ids for s in sentences
        ]
        return self._generate(encoded)

    def _generate(self, rows: list[list[int]]) -> list[str]:
        forced = {} if self._first_token is None else {"forced_bos_token_id": self._first_token}
        return generate_texts(
            self._model,
            self._tokenizer,
            rows,
            padding=self._tokenizer.pad_token_id,
            batch_tokens=self.options.batch_tokens,
            max_length=min(self.options.max_length, self._limit),
            num_beams=self.options.num_beams,
            **forced,
        )


def _joined(sentences: Sequence[str]) -> str:
    """The sentences as one text, without the full stop at its end: it goes into a prompt."""
    return " ".join(filter(None, map(str.strip, sentences))).rstrip(". ")
