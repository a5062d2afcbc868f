"""MarianMT by the OPUS-MT project (Tiedemann and Thottingal, EAMT 2020): Korean to English."""

from __future__ import annotations

from transformers import MarianMTModel, MarianTokenizer

from songdalle_core.pretrained import Source
from songdalle_core.translation.seq2seq import SearchOptions, Seq2SeqTranslator

DEFAULT_MODEL = "Helsinki-NLP/opus-mt-ko-en"


def load_marian(source: Source, options: SearchOptions | None = None) -> Seq2SeqTranslator:
    """A translator from an OPUS-MT model, whose two languages are fixed.

    Raises:
        songdalle_core.artifacts.ModelMissing: it is not to be had.
    """
    tokenizer = source.load_tokenizer(MarianTokenizer, "source.spm")
    return Seq2SeqTranslator(source.load_model(MarianMTModel), tokenizer, options)
