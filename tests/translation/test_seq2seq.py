"""MarianMT and NLLB by their own loaders, over tiny models of random weights: their English is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from songdalle_core.pretrained import Source
from songdalle_core.translation.marian import load_marian
from songdalle_core.translation.nllb import load_nllb
from songdalle_core.translation.seq2seq import SearchOptions, Seq2SeqTranslator
from songdalle_core.translation.translator import LAST_RESORT

OPTIONS = SearchOptions(max_length=12)
TEXTS = ["바다 위로 파란 풍선이 날아가네", "비가 온다. 너와 나의 여름밤", "a red kite", "밤"]


@pytest.fixture(scope="module", params=["marian", "nllb"])
def translator(request: pytest.FixtureRequest) -> Seq2SeqTranslator:
    load = load_marian if request.param == "marian" else load_nllb
    return load(Source(str(request.getfixturevalue(request.param))), OPTIONS)


class Watched:
    """A model that remembers what it was given and what it wrote."""

    def __init__(self, model: Any) -> None:
        self._model, self.config, self.device = model, model.config, model.device
        self.calls: list[tuple[dict[str, Any], torch.Tensor]] = []

    def generate(self, **options: Any) -> torch.Tensor:
        self.calls.append((options, self._model.generate(**options)))
        return self.calls[-1][1]


def watched(translator: Seq2SeqTranslator, **changes: Any) -> tuple[Watched, Seq2SeqTranslator]:
    model = Watched(translator._model)
    options = replace(translator.options, **changes)
    first = translator._first_token
    return model, Seq2SeqTranslator(model, translator._tokenizer, options, first)


@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize("name", ["marian", "nllb"])
def test_a_folder_needs_no_network(name: str, request: pytest.FixtureRequest) -> None:
    load = load_marian if name == "marian" else load_nllb
    translator = load(Source(str(request.getfixturevalue(name)), dtype="bfloat16"), OPTIONS)
    assert translator.translate(TEXTS[0]).text


def test_every_text_has_its_own_english(translator: Seq2SeqTranslator) -> None:
    translations = translator.translate_many(TEXTS)
    assert [t.passthrough for t in translations] == [False, False, True, False]
    assert translations[2].text == "a red kite"
    assert len({t.text for t in translations}) == len(TEXTS)


def test_sentences_of_all_texts_share_a_batch(translator: Seq2SeqTranslator) -> None:
    model, again = watched(translator)
    again.translate_many(TEXTS)
    ((given, written),) = model.calls
    assert given["input_ids"].shape[0] == written.shape[0] == 4
    lengths = given["attention_mask"].sum(1).tolist()
    assert lengths == sorted(lengths, reverse=True)


def test_a_batch_gives_what_texts_alone_would(translator: Seq2SeqTranslator) -> None:
    alone = [translator.translate(text) for text in TEXTS]
    assert translator.translate_many(TEXTS) == alone
    model, parted = watched(translator, batch_tokens=20)
    assert parted.translate_many(TEXTS) == alone
    assert len(model.calls) > 1


def test_a_long_sentence_is_translated_in_pieces(translator: Seq2SeqTranslator) -> None:
    model, again = watched(translator)
    limit = translator._model.config.max_position_embeddings
    text = " ".join(f"파란 풍선 {n}개" for n in range(100))
    assert again.translate(text).text
    masks = torch.cat([given["attention_mask"].sum(1) for given, _ in model.calls])
    assert len(masks) > 2
    assert masks.max() <= limit
    assert again.translate("가" * 1000).text  # a single word of more tokens than that is cut


def test_the_knobs_turn(translator: Seq2SeqTranslator) -> None:
    model, again = watched(translator, max_length=8, num_beams=2)
    again.translate(TEXTS[0])
    given, written = model.calls[0]
    assert written.shape[1] <= 8
    assert given["num_beams"] == 2


def test_where_nothing_is_written_something_can_be_painted(
    translator: Seq2SeqTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translator, "_generate", lambda rows: [" . "] * len(rows))
    assert translator.translate("밤").text == LAST_RESORT


def test_nothing_to_translate(translator: Seq2SeqTranslator) -> None:
    assert translator.translate_many([]) == []
    assert translator.translate("").passthrough
