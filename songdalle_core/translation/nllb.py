"""NLLB ("No Language Left Behind", NLLB Team, 2022, arXiv 2207.04672): 202 languages, one model.

The published weights are CC-BY-NC-4.0: no commercial use.
"""

from __future__ import annotations

from transformers import M2M100ForConditionalGeneration, NllbTokenizer

from songdalle_core.pretrained import Source
from songdalle_core.translation.seq2seq import SearchOptions, Seq2SeqTranslator

DEFAULT_MODEL = "facebook/nllb-200-distilled-600M"
LICENCE = "CC-BY-NC-4.0: non-commercial use only"


def load_nllb(
    source: Source,
    options: SearchOptions | None = None,
    source_language: str = "kor_Hang",
    target_language: str = "eng_Latn",
) -> Seq2SeqTranslator:
    """A translator from an NLLB model; languages by FLORES-200 code.

    Raises:
        ValueError: the model has no such language.
        songdalle_core.artifacts.ModelMissing: it is not to be had.
    """
    tokenizer = source.load_tokenizer(NllbTokenizer, "tokenizer.json")
    for code in (source_language, target_language):
        if tokenizer.convert_tokens_to_ids(code) == tokenizer.unk_token_id:
            raise ValueError(f"{source.model} knows no language {code!r}: give a FLORES-200 code")
    tokenizer.src_lang = source_language
    first = tokenizer.convert_tokens_to_ids(target_language)
    model = source.load_model(M2M100ForConditionalGeneration)
    return Seq2SeqTranslator(model, tokenizer, options, first_token=first)
