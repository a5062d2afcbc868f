from __future__ import annotations

from pathlib import Path

import pytest

from songdalle_core.artifacts import ModelMissing
from songdalle_core.pretrained import Source
from songdalle_core.translation.marian import as_trained, load_marian


@pytest.mark.usefixtures("_offline")
@pytest.mark.filterwarnings("error")
def test_sentences_end_with_the_end_mark(marian: Path) -> None:
    """A warning here would be one for whoever starts the service."""
    translator = load_marian(Source(str(marian)))
    ids = translator._tokenizer("바다 위로").input_ids
    assert ids[-1] == 0
    assert ids.count(0) == 1


@pytest.mark.parametrize(
    ("text", "trained"),
    [
        ("“푸른 바다” 위로…", '"푸른 바다" 위로...'),
        ("그대여，　오늘도！ （밤）", "그대여,　오늘도! (밤)"),
        ("너와\t나​의  여름 ", "너와 나의 여름"),
        ("푸른 바다 위로", "푸른 바다 위로"),
    ],
)
def test_the_model_reads_punctuation_as_it_was_trained(
    text: str, trained: str, marian: Path
) -> None:
    """The tokenizer has a `normalize` of its own and does not call it."""
    assert as_trained(text) == trained
    translator = load_marian(Source(str(marian)))
    read: list[list[list[int]]] = []

    def generate(rows: list[list[int]]) -> list[str]:
        read.append(rows)
        return [""] * len(rows)

    translator._generate = generate  # type: ignore[method-assign]
    translator.translate(text)
    translator.translate(trained)
    assert read[0] == read[1] != []


def test_another_model_is_refused(kobert: Path) -> None:
    with pytest.raises((ModelMissing, ValueError, TypeError)):
        load_marian(Source(str(kobert)))
