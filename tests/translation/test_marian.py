from __future__ import annotations

from pathlib import Path

import pytest

from songdalle_core.artifacts import ModelMissing
from songdalle_core.pretrained import Source
from songdalle_core.translation.marian import load_marian


@pytest.mark.usefixtures("_offline")
@pytest.mark.filterwarnings("error")
def test_sentences_end_with_the_end_mark(marian: Path) -> None:
    """A warning here would mean that sacremoses, which evens out punctuation, is missing."""
    translator = load_marian(Source(str(marian)))
    ids = translator._tokenizer("바다 위로").input_ids
    assert ids[-1] == 0
    assert ids.count(0) == 1


def test_another_model_is_refused(kobert: Path) -> None:
    with pytest.raises((ModelMissing, ValueError, TypeError)):
        load_marian(Source(str(kobert)))
