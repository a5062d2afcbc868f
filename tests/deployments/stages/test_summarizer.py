"""The Summarizer deployment's own class, without Ray around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployments.config.text import (
    AnySummarizer,
    GlossOptions,
    KoBartOptions,
    NllbOptions,
    TextRankOptions,
)
from deployments.contract.messages import SummaryRequest
from deployments.stages.summarizer import LONGEST, Summarizer
from songdalle_core.artifacts import ModelMissing
from songdalle_core.pretrained import Source
from songdalle_core.summarization import SummaryOptions
from songdalle_core.summarization.kobart import KoBartOptions as Search
from songdalle_core.summarization.kobart import KoBartSummarizer

SONG = ("바다 위로 파란 풍선이 날아가네", "너와 나의 여름", "비가 오는 밤")


Run = Callable[..., Any]


def deployed(options: AnySummarizer) -> Any:
    return Summarizer.func_or_class(options, GlossOptions(), "cpu")


@pytest.fixture(scope="module")
def options(kobart: Path) -> KoBartOptions:
    return KoBartOptions(model=str(kobart), max_length=16, num_beams=2, length_penalty=0.5)


@pytest.mark.usefixtures("_offline")
def test_songs_that_wait_together_are_one_batch(
    run: Run, options: KoBartOptions, kobart: Path
) -> None:
    stage = deployed(options)
    sizes: list[int] = []
    many = stage._model.summarize_many

    def watched(songs: Any, options: Any = None) -> Any:
        sizes.append(len(songs))
        return many(songs, options)

    stage._model.summarize_many = watched

    async def together() -> list[Any]:
        orders = [SummaryRequest(SONG[n % 3 :], 1 + n % 2) for n in range(6)]
        return await asyncio.gather(*map(stage.summarize, orders))

    summaries = run(together())
    assert sorted(sizes) == [3, 3]  # by how many sentences are asked for
    search = Search(max_length=16, num_beams=2, length_penalty=0.5)
    alone = KoBartSummarizer.load(Source(str(kobart)), search)
    assert summaries[3] == alone.summarize_many([SONG], SummaryOptions(2))[0]


def test_it_says_what_runs_but_not_where(run: Run, options: KoBartOptions) -> None:
    info = run(deployed(options).describe())
    assert (info.model, info.details) == ("kobart", {"device": "cpu", "dtype": "float32"})
    assert run(deployed(TextRankOptions()).describe()).model == "textrank"


def test_the_largest_batch_was_run_before_it_is_ready(
    run: Run, options: KoBartOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[int, int]] = []
    generate = KoBartSummarizer._generate

    def watched(self: KoBartSummarizer, rows: list[list[int]]) -> list[str]:
        calls.append((len(rows), max(map(len, rows))))
        return generate(self, rows)

    monkeypatch.setattr(KoBartSummarizer, "_generate", watched)
    stage = deployed(options)
    limit = stage._model._limit
    assert calls == [(8, limit)]
    run(stage.reconfigure({"max_batch_size": 10}))
    assert calls[1:] == [(10, limit)]
    run(stage.reconfigure({"max_batch_size": 4}))
    assert len(calls) == 2


def test_the_longest_song_is_longer_than_what_kobart_reads() -> None:
    """The published vocabulary makes a token of two to three letters."""
    assert len(". ".join(LONGEST.lines)) > 2.5 * 1024


def test_textrank_needs_no_gloss_translator(run: Run) -> None:
    stage = Summarizer.func_or_class(TextRankOptions(), NllbOptions(), "cpu")
    assert run(stage.summarize(SummaryRequest(SONG, 1))).sentences


@pytest.mark.usefixtures("_offline")
def test_a_missing_model_stops_the_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelMissing, match=r"download_weights\.py kobart"):
        deployed(KoBartOptions())
