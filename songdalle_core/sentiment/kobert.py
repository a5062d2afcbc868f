"""KoBERT (SKTBrain/KoBERT): BERT-base for Korean, with a head for the five moods of our own training.

Its vocabulary is a SentencePiece model, which is used directly: the published tokenizer class no longer
works, and the generic classes that load it give wrong ids without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import sentencepiece
from transformers import BertForSequenceClassification

from songdalle_core.artifacts import ModelMissing
from songdalle_core.moods import Mood
from songdalle_core.pretrained import Source
from songdalle_core.sentiment.encoder import EncoderClassifier
from songdalle_core.vocabularies import LINE, check_korean

BASE_MODEL = "skt/kobert-base-v1"
VOCABULARY = "spiece.model"
SPECIAL = ("[UNK]", "[PAD]", "[CLS]", "[SEP]")


class KoBertTokenizer:
    """`[CLS]` text `[SEP]` by a SentencePiece model whose first pieces are `SPECIAL`.

    Raises:
        ValueError: it is no SentencePiece model, or one of another layout.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        except (OSError, RuntimeError) as error:
            raise ValueError(f"{path} is no SentencePiece model: {error}") from error
        first = tuple(self._pieces.id_to_piece(i) for i in range(len(SPECIAL)))
        if first != SPECIAL:
            raise ValueError(f"{path} begins with {first}, but KoBERT's vocabulary with {SPECIAL}")

    pad_token_id = SPECIAL.index("[PAD]")

    def __len__(self) -> int:
        return int(self._pieces.get_piece_size())

    def encode(self, text: str, max_length: int = 512) -> list[int]:
        """At most `max_length` ids, `[CLS]` and `[SEP]` included."""
        ids: list[int] = self._pieces.encode(text)[: max_length - 2]
        return [SPECIAL.index("[CLS]"), *ids, SPECIAL.index("[SEP]")]


def is_kobert(source: Source) -> bool:
    """Whether a model has KoBERT's vocabulary."""
    try:
        KoBertTokenizer(source.file(VOCABULARY))
    except (ModelMissing, ValueError):
        return False
    return True


def load_kobert(
    source: Source, labels: Mapping[str, Mood] | None = None, **limits: int
) -> EncoderClassifier:
    """A KoBERT with a trained head, as `scripts/training/train_kobert_sentiment.py` writes it.

    Args:
        labels: as `EncoderClassifier` takes them; None: the model's labels are the moods.
        limits: `max_length` and `batch_tokens` of `EncoderClassifier`.

    Raises:
        ValueError: the labels do not fit the model, or the vocabulary is not KoBERT's.
        songdalle_core.artifacts.ModelMissing: it is not to be had.
    """
    tokenizer = KoBertTokenizer(source.file(VOCABULARY))
    model = source.load_model(BertForSequenceClassification)
    if model.config.vocab_size < len(tokenizer):
        raise ModelMissing(
            f"{source.model} has {model.config.vocab_size} embeddings for {len(tokenizer)} pieces of "
            f"{VOCABULARY}: the two files are of different models"
        )
    check_korean(source.model, tokenizer.encode(LINE), range(len(SPECIAL)))
    return EncoderClassifier(model, tokenizer, labels, **limits)
