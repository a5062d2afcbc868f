"""The Sentiment deployment's own class, without Ray around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployments.config.text import (
    AnySentiment,
    ClassifierOptions,
    HubClassifierOptions,
    KoBertOptions,
)
from deployments.stages.sentiment import Sentiment
from songdalle_core.moods import MOODS
from songdalle_core.pretrained import Source
from songdalle_core.sentiment.encoder import EncoderClassifier
from songdalle_core.sentiment.kobert import load_kobert

TEXTS = ["비가 오는 밤", "We dance tonight", "바다 위로 파란 풍선이 날아가네"]
EMOTIONS = {"happy": "Joyful", "sad": "Sadness", "neutral": "Calmness"}


Run = Callable[..., Any]


def deployed(options: AnySentiment) -> Any:
    return Sentiment.func_or_class(options, "cpu")


def classified(run: Run, stage: Any) -> list[Any]:
    async def together() -> list[Any]:
        return await asyncio.gather(*map(stage.classify, TEXTS))

    return run(together())


@pytest.mark.usefixtures("_offline")
def test_kobert(run: Run, kobert: Path) -> None:
    stage = deployed(KoBertOptions(model=str(kobert)))
    assert classified(run, stage) == load_kobert(Source(str(kobert))).classify_many(TEXTS)
    info = run(stage.describe())
    assert (info.model, info.details["dtype"]) == ("kobert", "float32")


@pytest.mark.usefixtures("_offline")
def test_any_classifier_with_a_label_map(run: Run, emotions: Path) -> None:
    options = HubClassifierOptions.model_validate({"model": str(emotions), "labels": EMOTIONS})
    moods = classified(run, deployed(options))
    assert all(mood.scores["Power"] == mood.scores["Tension"] == 0 for mood in moods)
    assert all(sum(mood.scores.values()) == pytest.approx(1) for mood in moods)


def test_the_embedded_classifier(run: Run) -> None:
    stage = deployed(ClassifierOptions())
    assert all(f.label in MOODS for f in classified(run, stage))
    assert run(stage.describe()).model == "classifier"


def test_the_largest_batch_was_run_before_it_is_ready(
    run: Run, kobert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[int, int]] = []
    scores = EncoderClassifier._scores

    def watched(self: Any, rows: list[list[int]]) -> Any:
        calls.append((len(rows), max(map(len, rows))))
        return scores(self, rows)

    monkeypatch.setattr(EncoderClassifier, "_scores", watched)
    stage = deployed(KoBertOptions(model=str(kobert)))
    assert calls == [(8, stage._model._max_length)]
    run(stage.reconfigure({"max_batch_size": 12}))
    assert calls[1:] == [(12, stage._model._max_length)]
