from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from transformers import (
    AlbertConfig,
    AlbertForSequenceClassification,
    PreTrainedTokenizerFast,
    XLNetConfig,
    XLNetForSequenceClassification,
)

from scripts.benchmarks.stages import checkpoints
from songdalle_core.artifacts import ModelMissing
from songdalle_core.moods import Mood
from songdalle_core.pretrained import Source
from songdalle_core.sentiment.encoder import load_classifier
from songdalle_core.sentiment.kobert import load_kobert
from songdalle_core.summarization.kobart import KoBartSummarizer
from songdalle_core.vocabularies import LINE, check_korean

SMALL = {"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
MAP: dict[str, Mood] = {"happy": "Joyful", "sad": "Sadness", "angry": "Tension"}


def edited(folder: Path, copy: Path, **changes: Any) -> Path:
    """A copy with another tokenizer_config.json; None takes a key out."""
    shutil.copytree(folder, copy)
    path = copy / "tokenizer_config.json"
    config = json.loads(path.read_text("utf-8")) | changes
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not None}), "utf-8")
    return copy


def test_a_class_with_other_rules_than_the_folders_is_refused(
    emotions: Path, tmp_path: Path
) -> None:
    """Lower-casing parts Hangul into letters, of which the vocabulary has none."""
    other = edited(emotions, tmp_path / "other", do_lower_case=None)
    with pytest.raises(ModelMissing, match=r"BertTokenizer of it that reads .*tokenizer_class"):
        load_classifier(Source(str(other)), MAP)
    advised = edited(other, tmp_path / "advised", tokenizer_class="PreTrainedTokenizerFast")
    assert load_classifier(Source(str(advised)), MAP).classify("푸른 바다 위로")


@pytest.mark.parametrize("kind", ["albert", "xlnet"])
@pytest.mark.parametrize("layout", ["own", "kobert"])
def test_sentencepiece_models_that_are_read_as_unknown_are_refused(
    kind: str, layout: str, kobert: Path, tmp_path: Path
) -> None:
    if kind == "albert":
        config: Any = AlbertConfig(vocab_size=1000, hidden_size=32, embedding_size=16, **SMALL)
        AlbertForSequenceClassification(config).save_pretrained(tmp_path)
    else:
        config = XLNetConfig(vocab_size=1000, d_model=32, n_layer=1, n_head=2, d_inner=64)
        XLNetForSequenceClassification(config).save_pretrained(tmp_path)
    pieces = (kobert / "spiece.model").read_bytes()
    if layout == "own":
        ids = {"pad_id": 0, "unk_id": 1, "bos_id": 2, "eos_id": 3}
        pieces = checkpoints._sentencepiece(checkpoints.lyrics(), 1000, **ids)
    (tmp_path / "spiece.model").write_bytes(pieces)
    advice = (
        "choose the back end kobert" if layout == "kobert" else "unknown tokens|has no tokenizer"
    )
    with pytest.raises(ModelMissing, match=advice):
        load_classifier(Source(str(tmp_path)), MAP)


def test_kobert_is_sent_to_its_own_back_end(kobert: Path) -> None:
    """A BERT with nothing but a SentencePiece model."""
    with pytest.raises(ModelMissing, match="KoBERT's vocabulary: choose the back end kobert"):
        load_classifier(Source(str(kobert)))
    assert load_kobert(Source(str(kobert))).classify("푸른 바다 위로")


def test_a_kobert_of_another_language_is_refused(tmp_path: Path) -> None:
    english = ["We dance in the summer rain", "A yellow balloon over the sea", "Love me tonight"]
    folder = checkpoints.write_kobert(tmp_path / "kobert", texts=english)
    with pytest.raises(ModelMissing, match="as unknown tokens"):
        load_kobert(Source(str(folder)))


def test_an_english_summariser_is_refused(tmp_path: Path) -> None:
    english = ["We dance in the summer rain", "A yellow balloon over the sea"] * 20
    folder = checkpoints.write_kobart(tmp_path / "kobart", texts=english)
    with pytest.raises(ModelMissing, match="as unknown tokens"):
        KoBartSummarizer.load(Source(str(folder)))


@pytest.mark.parametrize("name", ["kobart", "marian", "nllb", "emotions"])
def test_sound_models_are_read(name: str, request: pytest.FixtureRequest) -> None:
    from transformers import AutoTokenizer, MarianTokenizer, NllbTokenizer

    from songdalle_core.sentiment.encoder import VOCABULARIES

    kinds = {"kobart": PreTrainedTokenizerFast, "marian": MarianTokenizer, "nllb": NllbTokenizer}
    source = Source(str(request.getfixturevalue(name)))
    kind = kinds.get(name, AutoTokenizer)
    vocabularies = ("source.spm",) if name == "marian" else VOCABULARIES
    assert source.load_tokenizer(kind, *vocabularies)


def test_one_unknown_word_is_no_reason() -> None:
    words = len(LINE.split())
    check_korean("a model", [*range(10, 10 + words - 2), 1, 1], {0, 1})
    with pytest.raises(ModelMissing, match="a model reads"):
        check_korean("a model", [5, 1] * words, {0, 1})
