from __future__ import annotations

from pathlib import Path

import pytest
import torch

from songdalle_core.moods import MOODS
from songdalle_core.pretrained import Source
from songdalle_core.sentiment.encoder import EncoderClassifier, load_classifier

MAP = {"happy": "Joyful", "sad": "Sadness", "angry": "Tension", "afraid": "Tension"}
TEXTS = ["비가 오는 밤", "We dance", "바다 위로 파란 풍선이 날아가네 " * 6, "?!", "너와 나의 여름"]


@pytest.fixture(scope="module")
def classifier(emotions: Path) -> EncoderClassifier:
    return load_classifier(Source(str(emotions)), MAP)  # type: ignore[arg-type]


@pytest.mark.usefixtures("_offline")
def test_labels_are_mapped_to_moods(emotions: Path) -> None:
    classifier = load_classifier(Source(str(emotions)), MAP)  # type: ignore[arg-type]
    sentiment = classifier.classify(TEXTS[0])
    assert tuple(sentiment.scores) == MOODS
    assert sum(sentiment.scores.values()) == pytest.approx(1)
    assert sentiment.scores[sentiment.label] == max(sentiment.scores.values())
    # by hand: labels of one mood add up, the unmapped one ("neutral") leaves its share to the others
    ids = torch.tensor([classifier._tokenizer.encode(TEXTS[0], 512)])
    with torch.inference_mode():
        happy, sad, angry, afraid, _ = classifier._model(ids).logits[0].softmax(-1).tolist()
    whole = happy + sad + angry + afraid
    expected = [sad / whole, 0, (angry + afraid) / whole, happy / whole, 0]
    assert list(sentiment.scores.values()) == pytest.approx(expected, abs=1e-6)


def test_a_batch_says_what_texts_alone_would(classifier: EncoderClassifier) -> None:
    alone = [classifier.classify(text) for text in TEXTS]
    together = classifier.classify_many(TEXTS)
    assert [t.label for t in together] == [a.label for a in alone]
    for one, other in zip(alone, together, strict=True):
        assert list(one.scores.values()) == pytest.approx(list(other.scores.values()), abs=1e-5)
    assert len({tuple(t.scores.values()) for t in together}) == len(TEXTS)


def test_text_without_letters_is_calm(classifier: EncoderClassifier) -> None:
    assert classifier.classify("?!").label == "Calmness"
    assert set(classifier.classify("").scores.values()) == {0.2}


def test_long_texts_are_cut(emotions: Path) -> None:
    classifier = load_classifier(Source(str(emotions)), MAP, max_length=10)  # type: ignore[arg-type]
    assert len(classifier._tokenizer.encode(TEXTS[2], 10)) == 10
    assert classifier.classify(TEXTS[2]).scores == classifier.classify(TEXTS[2] * 2).scores
    unlimited = load_classifier(Source(str(emotions)), MAP)  # type: ignore[arg-type]
    assert unlimited.classify("풍선" * 5000).scores  # no more than the model's positions


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "labels are happy, sad, .*not the five moods: map them"),
        ({"glad": "Joyful", "sad": "Sadness"}, "no label 'glad': its labels are happy"),
        ({"happy": "Joyful"}, "two moods at least"),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    emotions: Path, labels: dict[str, str] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        load_classifier(Source(str(emotions)), labels)  # type: ignore[arg-type]
