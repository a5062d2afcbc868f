"""Abstractive summaries by KoBART, a BART for Korean (SKT-AI/KoBART; Lewis et al., "BART", ACL 2020)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transformers import BartForConditionalGeneration, PreTrainedTokenizerFast

from songdalle_core.pretrained import Source, generate_texts
from songdalle_core.summarization.textrank import Summary, SummaryOptions

DEFAULT_MODEL = "gogamza/kobart-summarization"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class KoBartOptions:
    """How summaries are searched for, in the meanings of `transformers`' `generate`.

    Attributes:
        max_length: most tokens of a summary, its start and end included.
        num_beams: hypotheses of the beam search; 1 is greedy.
        length_penalty: exponent of the length by which a hypothesis' log-likelihood is divided; above 0
            the greater, the longer the summaries.
        batch_tokens: most tokens of one call of the model, padding included.
    """

    max_length: int = 64
    num_beams: int = 4
    length_penalty: float = 1.0
    batch_tokens: int = 8192


class KoBartSummarizer:
    """Writes a summary of a song in its own words.

    Args:
        model: a `BartForConditionalGeneration`.
        tokenizer: its tokenizer, which adds no special tokens.
        options: of the search.
    """

    def __init__(self, model: Any, tokenizer: Any, options: KoBartOptions | None = None) -> None:
        self.options = options or KoBartOptions()
        self._model = model
        self._tokenizer = tokenizer
        # BART's last two learnt positions are never reached by published checkpoints' own training
        self._limit = model.config.max_position_embeddings - 2

    @classmethod
    def load(cls, source: Source, options: KoBartOptions | None = None) -> KoBartSummarizer:
        """Read a published or fine-tuned KoBART.

        Raises:
            songdalle_core.artifacts.ModelMissing: it is not to be had.
        """
        # Not AutoTokenizer: for BART it would build the English byte-level one.
        tokenizer = source.load_tokenizer(PreTrainedTokenizerFast, "tokenizer.json")
        return cls(source.load_model(BartForConditionalGeneration), tokenizer, options)

    def summarize_many(
        self, songs: Sequence[Sequence[str]], options: SummaryOptions | None = None
    ) -> list[Summary]:
        """Summaries of several songs, padded together; a song's tokens beyond the model's are cut.

        Args:
            songs: lines of each song in order.
            options: only its `sentences` counts: most sentences of a summary. Lengths are the model's.

        Raises:
            ValueError: a song has no words; nothing is summarised then.
        """
        wanted = (options or SummaryOptions()).sentences
        for number, lines in enumerate(songs):
            if not any(map(str.strip, lines)):
                raise ValueError(f"song {number} has no words: give at least one line of lyrics")
        rows = [self.encode(". ".join(lines)) for lines in songs]
        return [
            Summary(_sentences(text, wanted) or _opening(lines))
            for text, lines in zip(self._generate(rows), songs, strict=True)
        ]

    def encode(self, text: str) -> list[int]:
        """Token ids between the begin and end marks, which the tokenizer does not add itself."""
        config = self._model.config
        ids = self._tokenizer.encode(text, add_special_tokens=False)[: self._limit - 2]
        return [config.bos_token_id, *ids, config.eos_token_id]

    def _generate(self, rows: list[list[int]]) -> list[str]:
        config, options = self._model.config, self.options
        return generate_texts(
            self._model,
            self._tokenizer,
            rows,
            padding=config.pad_token_id,
            batch_tokens=options.batch_tokens,
            max_length=options.max_length,
            num_beams=options.num_beams,
            length_penalty=options.length_penalty if options.num_beams > 1 else None,
            early_stopping=options.num_beams > 1,
            eos_token_id=config.eos_token_id,
            # published configurations force token 2, which is not their end mark
            forced_eos_token_id=config.eos_token_id,
        )


def _sentences(text: str, most: int) -> tuple[str, ...]:
    """The first sentences without their full stops, as TextRank's are."""
    sentences = (part.strip().rstrip(".").rstrip() for part in _SENTENCE_END.split(text))
    return tuple(part for part in sentences if any(map(str.isalnum, part)))[:most]


def _opening(lines: Sequence[str]) -> tuple[str, ...]:
    """The first line with text, for a song of which the model wrote nothing."""
    return (next(line.strip() for line in lines if line.strip()),)
