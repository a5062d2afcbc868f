from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sentencepiece import sentencepiece_model_pb2

from songdalle_core.artifacts import ModelMissing
from songdalle_core.moods import MOODS
from songdalle_core.pretrained import Source
from songdalle_core.sentiment.kobert import BASE_MODEL, VOCABULARY, KoBertTokenizer, load_kobert

README_TEXT = "한국어 모델을 공유합니다."
README_IDS = [2, 4958, 6855, 2046, 7088, 1050, 7843, 54, 3]
"""Token ids of the text in KoBERT's README."""
README_PIECES = ["▁한국", "어", "▁모델", "을", "▁공유", "합니다", "."]


def layout_of_the_published_vocabulary(path: Path) -> Path:
    """A SentencePiece model with KoBERT's size and special pieces, the README's pieces at their ids."""
    model = sentencepiece_model_pb2.ModelProto()
    special = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"]
    named = dict(zip(README_IDS[1:-1], README_PIECES, strict=True)) | dict(enumerate(special))
    kind = sentencepiece_model_pb2.ModelProto.SentencePiece
    for number in range(8002):
        piece = model.pieces.add()
        piece.piece = named.get(number, f"채움{number}")
        piece.score = -1.0 if number in named else -20.0
        if number < len(special):
            piece.type = kind.CONTROL if number else kind.UNKNOWN
    model.trainer_spec.model_type = 1  # unigram
    model.trainer_spec.unk_id = 0
    model.trainer_spec.pad_id = 1
    model.normalizer_spec.add_dummy_prefix = True
    path.write_bytes(model.SerializeToString())
    return path


def test_the_readmes_vector(tmp_path: Path) -> None:
    tokenizer = KoBertTokenizer(layout_of_the_published_vocabulary(tmp_path / VOCABULARY))
    assert len(tokenizer) == 8002
    assert tokenizer.encode(README_TEXT) == README_IDS


def test_the_readmes_vector_with_the_published_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # no download for a test
    try:
        path = Source(BASE_MODEL).file(VOCABULARY)
    except ModelMissing:
        pytest.skip("the published vocabulary is not on this machine")
    assert KoBertTokenizer(path).encode(README_TEXT) == README_IDS


def test_special_pieces_and_cut(kobert: Path) -> None:
    tokenizer = KoBertTokenizer(kobert / VOCABULARY)
    assert tokenizer.pad_token_id == 1
    assert tokenizer.encode("") == [2, 3]
    long = tokenizer.encode("바다 위로 파란 풍선이 날아가네 " * 20, 16)
    assert len(long) == 16
    assert (long[0], long[-1]) == (2, 3)
    assert tokenizer.encode("뷁")[1:-1].count(0) == 1  # [UNK]
    assert not {1, 2, 3} & set(tokenizer.encode("[CLS] [SEP] [PAD]")[1:-1])


def test_other_vocabularies_are_refused(marian: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="begins with"):
        KoBertTokenizer(marian / "source.spm")
    (tmp_path / VOCABULARY).write_text("no model")
    with pytest.raises(ValueError, match="no SentencePiece model"):
        KoBertTokenizer(tmp_path / VOCABULARY)


@pytest.mark.usefixtures("_offline")
def test_moods_are_the_labels(kobert: Path) -> None:
    classifier = load_kobert(Source(str(kobert)))
    texts = ["비가 오는 밤", "너와 나의 여름 " * 80, "We dance"]
    sentiments = classifier.classify_many(texts)
    assert [tuple(s.scores) for s in sentiments] == [MOODS] * 3
    assert len({tuple(s.scores.values()) for s in sentiments}) == 3
    for text, each in zip(texts, sentiments, strict=True):
        alone = list(classifier.classify(text).scores.values())
        assert list(each.scores.values()) == pytest.approx(alone, abs=1e-5)


def test_the_published_encoder_has_no_head(kobert_base: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no classifier\.bias"):
        load_kobert(Source(str(kobert_base)))


def test_a_folder_without_vocabulary_is_refused(kobert: Path, tmp_path: Path) -> None:
    shutil.copytree(kobert, tmp_path / "copy")
    (tmp_path / "copy" / VOCABULARY).unlink()
    with pytest.raises(ModelMissing, match=r"has no spiece\.model"):
        load_kobert(Source(str(tmp_path / "copy")))
    layout_of_the_published_vocabulary(tmp_path / "copy" / VOCABULARY)
    with pytest.raises(ModelMissing, match="1000 embeddings for 8002 pieces"):
        load_kobert(Source(str(tmp_path / "copy")))
