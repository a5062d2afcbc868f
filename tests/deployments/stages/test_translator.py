"""The Translator deployment's own class, without Ray around it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployments.config.text import (
    AnyTranslator,
    GlossOptions,
    MarianOptions,
    NllbOptions,
    PapagoOptions,
)
from deployments.stages.translator import Translator
from songdalle_core.pretrained import Source
from songdalle_core.translation.marian import load_marian
from songdalle_core.translation.seq2seq import SearchOptions, Seq2SeqTranslator
from tests.translation.papago_server import KEY, KEY_ID, Papago, own_error, serve

TEXTS = ["바다 위로 파란 풍선이 날아가네", "a red kite", "비가 오는 밤. 너와 나의 여름"]


Run = Callable[..., Any]


def deployed(options: AnyTranslator) -> Any:
    return Translator.func_or_class(options, "cpu")


def translated(run: Run, stage: Any) -> list[Any]:
    async def together() -> list[Any]:
        return await asyncio.gather(*map(stage.translate, TEXTS))

    return run(together())


@pytest.mark.usefixtures("_offline")
def test_marian(run: Run, marian: Path) -> None:
    stage = deployed(MarianOptions(model=str(marian), max_length=12, num_beams=2))
    alone = load_marian(Source(str(marian)), SearchOptions(max_length=12, num_beams=2))
    assert translated(run, stage) == alone.translate_many(TEXTS)
    assert run(stage.describe()).model == "marian"


@pytest.mark.usefixtures("_offline")
def test_nllb_says_that_it_is_not_for_commerce(
    run: Run, nllb: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("ray.serve")
    logger.addHandler(caplog.handler)
    try:
        stage = deployed(NllbOptions(model=str(nllb), max_length=12, num_beams=2))
    finally:
        logger.removeHandler(caplog.handler)
    assert "non-commercial" in caplog.text
    assert "non-commercial" in run(stage.describe()).details["licence"]
    assert translated(run, stage)[1].text == "a red kite"


def test_gloss(run: Run) -> None:
    stage = deployed(GlossOptions())
    assert "balloon" in translated(run, stage)[0].text
    assert run(stage.describe()).details["entries"] > 1000


def test_the_largest_batch_was_run_before_it_is_ready(
    run: Run, marian: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    generate = Seq2SeqTranslator._generate

    def watched(self: Any, given: list[list[int]]) -> list[str]:
        rows.extend(map(len, given))
        return generate(self, given)

    monkeypatch.setattr(Seq2SeqTranslator, "_generate", watched)
    stage = deployed(MarianOptions(model=str(marian), max_length=8))
    limit = stage._model._limit
    assert len(rows) >= 8
    assert max(rows) > limit / 2
    before = len(rows)
    run(stage.reconfigure({"max_batch_size": 16}))
    assert len(rows) == 3 * before


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCP_APIGW_API_KEY_ID", KEY_ID)
    monkeypatch.setenv("NCP_APIGW_API_KEY", KEY)


@pytest.mark.usefixtures("keys")
def test_papago_is_asked_only_for_what_is_to_be_translated(run: Run) -> None:
    """Warming up and readiness probes cost nothing."""
    papago = Papago()
    with serve(papago) as url:
        stage = deployed(PapagoOptions(url=url))
        run(stage.reconfigure({"max_batch_size": 16}))
        info = run(stage.describe())
        assert papago.texts == []
        made = translated(run, stage)
    assert (info.model, info.details["fallback"]) == ("papago", "gloss")
    assert "Papago" in info.details["attribution"]
    assert [t.text for t in made] == ["5 words.", "a red kite", "6 words."]
    assert {t.stand_in for t in made} == {None}


@pytest.mark.usefixtures("keys")
def test_another_translator_stands_in_for_papago(run: Run) -> None:
    papago = Papago()
    papago.script = [own_error(400, "N2MT06", "Unsupported translation")] * 2
    with serve(papago) as url:
        stage = deployed(PapagoOptions(url=url, failures=2, rest_s=60))
        for _ in range(2):  # the second time Papago is not even asked
            made = translated(run, stage)
            assert "balloon" in made[0].text
            assert [t.stand_in for t in made] == ["gloss", None, "gloss"]
    assert len(papago.texts) == 2


def test_papago_without_keys_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NCP_APIGW_API_KEY_ID", raising=False)
    monkeypatch.delenv("NCP_APIGW_API_KEY", raising=False)
    with pytest.raises(ValueError, match="set NCP_APIGW_API_KEY_ID and NCP_APIGW_API_KEY"):
        deployed(PapagoOptions())
