"""KoBART's own loader and search, over a tiny model of random weights: its summaries are nonsense."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from songdalle_core.pretrained import Source
from songdalle_core.summarization import SummaryOptions
from songdalle_core.summarization.kobart import KoBartOptions, KoBartSummarizer, _sentences

SONGS = [
    ["바다 위로 파란 풍선이 날아가네", "너와 나의 여름"],
    ["비가 오는 밤"],
    [f"{n}번째 골목 끝에 노란 우산 하나가 서 있네" for n in range(12)],
    ["We sail the blue sea", "하얀 돛을 펴고"],
]
OPTIONS = KoBartOptions(max_length=16)


@pytest.fixture(scope="module")
def summarizer(kobart: Path) -> KoBartSummarizer:
    return KoBartSummarizer.load(Source(str(kobart)), OPTIONS)


def written(summarizer: KoBartSummarizer, songs: list[list[str]]) -> torch.Tensor:
    """Token ids that the model writes for songs, as `generate` returns them."""
    outputs: list[torch.Tensor] = []
    model = summarizer._model

    class Watched:
        config, device = model.config, model.device

        def generate(self, **options: Any) -> torch.Tensor:
            outputs.append(model.generate(**options))
            return outputs[-1]

    KoBartSummarizer(Watched(), summarizer._tokenizer, summarizer.options).summarize_many(songs)
    (ids,) = outputs
    return ids


@pytest.mark.usefixtures("_offline")
def test_every_song_gets_a_summary(kobart: Path) -> None:
    summarizer = KoBartSummarizer.load(Source(str(kobart)), OPTIONS)
    summaries = summarizer.summarize_many(SONGS, SummaryOptions(sentences=2))
    assert len(summaries) == len(SONGS)
    assert all(1 <= len(summary.sentences) <= 2 and summary.text for summary in summaries)
    assert len({summary.text for summary in summaries}) == len(SONGS)


def test_begin_and_end_marks_are_added_here(summarizer: KoBartSummarizer) -> None:
    text = SONGS[0][0]
    ids = summarizer.encode(text)
    assert (ids[0], ids[-1]) == (0, 1)
    assert ids[1:-1] == summarizer._tokenizer(text).input_ids  # which adds none itself


def test_songs_are_cut_to_what_the_model_reads(summarizer: KoBartSummarizer, kobart: Path) -> None:
    positions = json.loads((kobart / "config.json").read_text())["max_position_embeddings"]
    long = ["노란 풍선을 타고 푸른 바다로"] * 500
    ids = summarizer.encode(". ".join(long))
    assert len(ids) == positions - 2
    assert (ids[0], ids[-1]) == (0, 1)
    assert summarizer.summarize_many([long])[0].text


def test_summaries_end_with_the_end_mark(summarizer: KoBartSummarizer, kobart: Path) -> None:
    """The published configuration would force token 2 in its place."""
    assert json.loads((kobart / "config.json").read_text())["forced_eos_token_id"] == 2
    ids = written(summarizer, SONGS)
    assert ids.shape == (len(SONGS), OPTIONS.max_length)
    assert all(row[row != 3][-1] == 1 for row in ids)
    assert not (ids[:, 1:] == 2).any()


def test_a_batch_says_what_songs_alone_would(summarizer: KoBartSummarizer) -> None:
    alone = [summarizer.summarize_many([song])[0] for song in SONGS]
    assert summarizer.summarize_many(SONGS) == alone
    small = replace(OPTIONS, batch_tokens=40)
    parted = KoBartSummarizer(summarizer._model, summarizer._tokenizer, small)
    assert parted.summarize_many(SONGS) == alone


def test_the_knobs_turn(summarizer: KoBartSummarizer) -> None:
    def tokens(**knobs: Any) -> torch.Tensor:
        options = replace(OPTIONS, **knobs)
        return written(KoBartSummarizer(summarizer._model, summarizer._tokenizer, options), SONGS)

    assert tokens(max_length=9).shape[1] == 9
    greedy, searched = tokens(num_beams=1), tokens(num_beams=4)
    assert greedy.shape != searched.shape or not torch.equal(greedy, searched)


def test_a_great_length_penalty_makes_longer_summaries(summarizer: KoBartSummarizer) -> None:
    model = summarizer._model
    original = model.final_logits_bias
    model.final_logits_bias = original.clone()
    model.final_logits_bias[0, 1] = 2.5  # ends are likely anywhere, so that lengths differ
    try:
        lengths = []
        for penalty in (-5.0, 5.0):
            options = replace(OPTIONS, length_penalty=penalty)
            ids = written(KoBartSummarizer(model, summarizer._tokenizer, options), SONGS)
            lengths.append(int((ids != 3).sum()))
        assert lengths[0] < lengths[1]
    finally:
        model.final_logits_bias = original


def test_when_the_model_writes_nothing_the_first_line_stands(kobart: Path) -> None:
    summarizer = KoBartSummarizer.load(Source(str(kobart)), OPTIONS)
    summarizer._model.final_logits_bias[0, 1] = 1e4
    assert summarizer.summarize_many([["", "바다", "풍선"]])[0].sentences == ("바다",)


def test_sentences_are_parted_and_counted() -> None:
    text = " 바다가 운다. 비가 온다! 누구의 밤인가? ... 끝."
    assert _sentences(text, 3) == ("바다가 운다", "비가 온다!", "누구의 밤인가?")
    assert _sentences(text, 1) == ("바다가 운다",)
    assert _sentences(" .. ", 3) == ()


def test_a_song_without_words_is_refused(summarizer: KoBartSummarizer) -> None:
    with pytest.raises(ValueError, match="song 1 has no words"):
        summarizer.summarize_many([["바다"], ["", " "]])
    assert summarizer.summarize_many([]) == []


def test_half_precision(kobart: Path) -> None:
    summarizer = KoBartSummarizer.load(Source(str(kobart), dtype="bfloat16"), OPTIONS)
    assert all(summary.text for summary in summarizer.summarize_many(SONGS))
