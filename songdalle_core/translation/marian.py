"""MarianMT by the OPUS-MT project (Tiedemann and Thottingal, EAMT 2020): Korean to English."""

from __future__ import annotations

import re
import unicodedata

from sacremoses import MosesPunctNormalizer
from transformers import MarianMTModel, MarianTokenizer

from songdalle_core.pretrained import Source
from songdalle_core.translation.seq2seq import SearchOptions, Seq2SeqTranslator

_MARKS = MosesPunctNormalizer().replace_unicode_punct
_ZERO_WIDTH = str.maketrans("", "", "\u2060\u200b\ufeff")
DEFAULT_MODEL = "Helsinki-NLP/opus-mt-ko-en"


def load_marian(source: Source, options: SearchOptions | None = None) -> Seq2SeqTranslator:
    """A translator from an OPUS-MT model, whose two languages are fixed.

    Raises:
        songdalle_core.artifacts.ModelMissing: it is not to be had.
    """
    tokenizer = source.load_tokenizer(MarianTokenizer, "source.spm")
    model = source.load_model(MarianMTModel)
    return Seq2SeqTranslator(model, tokenizer, options, normalise=as_trained)


def as_trained(sentence: str) -> str:
    """Punctuation as in the text that OPUS-MT was trained on, which the tokenizer leaves as it is.

    Full-width and curly marks become ASCII, control characters a space, runs of spaces one
    (OPUS-MT-train, scripts/preprocess-spm.sh).
    """
    shown = _MARKS(sentence.translate(_ZERO_WIDTH))
    plain = (" " if unicodedata.category(letter)[0] == "C" else letter for letter in shown)
    return re.sub(" +", " ", "".join(plain)).strip()
