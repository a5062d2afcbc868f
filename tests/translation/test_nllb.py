from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from songdalle_core.pretrained import Source
from songdalle_core.translation.nllb import load_nllb
from songdalle_core.translation.seq2seq import SearchOptions

OPTIONS = SearchOptions(max_length=8)


def test_languages_are_marked(nllb: Path) -> None:
    translator = load_nllb(Source(str(nllb)), OPTIONS)
    tokenizer = translator._tokenizer
    ids = tokenizer("바다 위로").input_ids
    assert tokenizer.convert_ids_to_tokens([ids[0], ids[-1]]) == ["kor_Hang", "</s>"]


def test_the_target_language_begins_every_translation(nllb: Path) -> None:
    for language in ("eng_Latn", "fra_Latn"):
        translator = load_nllb(Source(str(nllb)), OPTIONS, target_language=language)
        written: list[Any] = []
        generate = translator._model.generate

        def watch(generate: Any = generate, written: list[Any] = written, **given: Any) -> Any:
            written.append(generate(**given))
            return written[-1]

        translator._model.generate = watch
        assert language not in translator.translate_many(["바다 위로", "밤"])[0].text
        seconds = written[0][:, 1].tolist()
        assert translator._tokenizer.convert_ids_to_tokens(seconds) == [language] * 2


def test_unknown_languages_are_refused(nllb: Path) -> None:
    with pytest.raises(ValueError, match=r"no language 'ko': give a FLORES-200 code"):
        load_nllb(Source(str(nllb)), source_language="ko")
