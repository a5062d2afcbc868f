"""Moods by any BERT-like classifier: its labels mapped to the five moods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from songdalle_core.artifacts import ModelMissing
from songdalle_core.moods import MOODS, Mood, is_mood
from songdalle_core.pretrained import Source, length_groups, padded
from songdalle_core.sentiment.classifier import NEUTRAL, Sentiment

VOCABULARIES = ("tokenizer.json", "vocab.txt", "spiece.model", "sentencepiece.bpe.model")

SHORTEST = 0.6  # of a batch's longest text: the others make a batch of their own


class Encoder(Protocol):
    """Text to token ids, special tokens included."""

    @property
    def pad_token_id(self) -> int: ...

    def encode(self, text: str, max_length: int) -> list[int]:
        """At most `max_length` ids."""


class EncoderClassifier:
    """Classifies lyrics with a sequence-classification model.

    Args:
        model: its logits are (texts, labels).
        tokenizer: of that model.
        labels: mood of each label of the model that counts; several labels may share a mood, and what
            falls on labels that are left out is shared by the others. None: labels are moods.
        max_length: most tokens of a text; further ones are cut.
        batch_tokens: most tokens of one call of the model, padding included.

    Raises:
        ValueError: a label is not the model's, or fewer than two moods are left.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Encoder,
        labels: Mapping[str, Mood] | None = None,
        max_length: int = 512,
        batch_tokens: int = 8192,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._device = str(model.device)
        self._max_length = min(max_length, model.config.max_position_embeddings)
        self._budget = batch_tokens
        self._moods = _mood_matrix(model.config.id2label, labels)  # (labels, moods)

    def classify(self, text: str) -> Sentiment:
        """Mood of one lyric or passage."""
        return self.classify_many([text])[0]

    def classify_many(self, texts: Sequence[str]) -> list[Sentiment]:
        """Mood of each text, in order.

        A text without a letter gets the same score for every mood and the label Calmness, as from the
        embedded classifier.
        """
        sentiments = [Sentiment(NEUTRAL, dict.fromkeys(MOODS, 1 / len(MOODS)))] * len(texts)
        lettered = [number for number, text in enumerate(texts) if any(map(str.isalpha, text))]
        rows = [self._tokenizer.encode(texts[number], self._max_length) for number in lettered]
        lengths = [len(row) for row in rows]
        for group in length_groups(lengths, self._budget, shortest=SHORTEST):
            scores = self._scores([rows[index] for index in group])
            for index, row in zip(group, scores.tolist(), strict=True):
                sentiments[lettered[index]] = _sentiment(row)
        return sentiments

    def _scores(self, rows: list[list[int]]) -> Tensor:
        """Probabilities (texts, moods), each row summing to 1."""
        ids, mask = padded(rows, self._tokenizer.pad_token_id, self._device)
        with torch.inference_mode():
            logits = self._model(input_ids=ids, attention_mask=mask).logits  # (texts, labels)
        shares = logits.double().softmax(-1).cpu() @ self._moods
        return shares / shares.sum(-1, keepdim=True)


class HubTokenizer:
    """A tokenizer of `transformers` as an `Encoder`."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    @property
    def pad_token_id(self) -> int:
        """The padding's id."""
        return int(self._tokenizer.pad_token_id)

    def encode(self, text: str, max_length: int) -> list[int]:
        """At most `max_length` ids, special tokens included."""
        ids: list[int] = self._tokenizer(text, truncation=True, max_length=max_length).input_ids
        return ids


def load_classifier(
    source: Source, labels: Mapping[str, Mood] | None = None, **limits: int
) -> EncoderClassifier:
    """Any sequence-classification model with a tokenizer that `transformers` knows.

    Args:
        limits: `max_length` and `batch_tokens` of `EncoderClassifier`.

    Raises:
        ValueError: the labels do not fit the model.
        ModelMissing: it is not to be had, or does not read Korean.
    """
    from songdalle_core.sentiment.kobert import is_kobert

    try:
        tokenizer = HubTokenizer(source.load_tokenizer(AutoTokenizer, *VOCABULARIES))
    except ModelMissing as error:
        if is_kobert(source):
            message = f"{source.model} has KoBERT's vocabulary: choose the back end kobert"
            raise ModelMissing(message) from error
        raise
    model = source.load_model(AutoModelForSequenceClassification)
    return EncoderClassifier(model, tokenizer, labels, **limits)


def _mood_matrix(names: Mapping[int, str], labels: Mapping[str, Mood] | None) -> Tensor:
    """1 where a label (row) means a mood (column), float64 (labels, moods)."""
    known = ", ".join(names.values())
    if labels is None:
        labels = {name: name for name in names.values() if is_mood(name)}
        if set(labels) != set(MOODS) or len(names) != len(MOODS):
            raise ValueError(
                f"the model's labels are {known}, not the five moods: map them with `labels`, or "
                "train a head with scripts/training/train_kobert_sentiment.py"
            )
    unknown = sorted(set(labels) - set(names.values()))
    if unknown:
        raise ValueError(f"the model has no label {unknown[0]!r}: its labels are {known}")
    if len(set(labels.values())) < 2:
        raise ValueError(f"labels must lead to two moods at least; the model's labels are {known}")
    matrix = torch.zeros(len(names), len(MOODS), dtype=torch.float64)
    for row, name in names.items():
        if name in labels:
            matrix[row, MOODS.index(labels[name])] = 1
    return matrix


def _sentiment(scores: Sequence[float]) -> Sentiment:
    best = max(range(len(MOODS)), key=lambda i: scores[i])
    return Sentiment(MOODS[best], dict(zip(MOODS, scores, strict=True)))
