from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ray.exceptions import ActorDiedError
from ray.serve.exceptions import BackPressureError

from deployments.config.user_config import Timeouts
from deployments.contract.covers import CoverRequest, WordNotes
from deployments.contract.errors import (
    NothingToDraw,
    Overloaded,
    StageCrashed,
    StageTimeout,
    StageUnavailable,
    StorageFull,
)
from deployments.contract.messages import DrawRequest
from deployments.pipeline.pipeline import Pipeline

Song = Callable[..., dict[str, Any]]


def make(pipeline: Pipeline, song: dict[str, Any]) -> Any:
    return asyncio.run(pipeline.make(CoverRequest.model_validate(song)))


def calls(handle: Any, name: str) -> list[Any]:
    return [call[1:] for call in handle.target.calls if call[0] == name]


def test_sampling_and_seed_reach_the_generator(pipeline: Pipeline, song: Song) -> None:
    made = make(pipeline, song(temperature=0.5, top_k=9, top_p=0.7, candidates=2))
    ((drawing,),) = calls(pipeline.calls.stages.generator, "draw")
    assert drawing == DrawRequest(made.prompt, 2, 7, 0.5, 9, 0.7)


def test_sentences_are_translated_one_by_one(pipeline: Pipeline, song: Song) -> None:
    make(pipeline, song(lyrics="One red kite\nTwo seas\nThree", sentences=2, candidates=1))
    assert calls(pipeline.calls.stages.translator, "translate") == [
        ("One red kite",),
        ("Two seas",),
    ]


def test_the_answer_has_notes_on_words(pipeline: Pipeline, song: Song) -> None:
    lyrics = "One red red kite\nsome rude words\nTwo seas"
    made = make(pipeline, song(lyrics=lyrics, sentences=2, candidates=1))
    assert made.words == WordNotes(
        dropped=["뷁"],
        borrowed={"푸들": "개"},
        pictured=["사랑"],
        rude_removed=1,
        repeats_removed=1,
    )
    assert "rude" not in made.prompt + made.summary


def test_rude_lines_stay_when_asked_for(pipeline: Pipeline, song: Song) -> None:
    asked = song(lyrics="some rude words", remove_profanity=False, candidates=1)
    assert "rude words" in make(pipeline, asked).prompt
    with pytest.raises(NothingToDraw, match="remove_profanity false"):
        make(pipeline, song(lyrics="some rude words", candidates=1))


def test_prompt_and_summary_reach_the_reranker(pipeline: Pipeline, song: Song) -> None:
    made = make(pipeline, song(candidates=2))
    ((prompt, images, summary),) = calls(pipeline.calls.stages.reranker, "judge")
    assert (prompt, summary) == (made.prompt, made.summary)
    assert len(images) == 2


def test_each_cover_has_the_seed_that_drew_it(pipeline: Pipeline, song: Song) -> None:
    made = make(pipeline, song(seed=2**32 - 1, candidates=2))
    assert {cover.seed for cover in made.covers} == {2**32 - 1, 0}


def test_sentiment_runs_beside_the_summary(pipeline: Pipeline, song: Song) -> None:
    """Each of the two waits until the other one is called as well."""
    stages = pipeline.calls.stages
    both = asyncio.Barrier(2)

    def hold(handle: Any, name: str) -> None:
        inner = getattr(handle.target, name)

        async def held(*arguments: Any) -> Any:
            await both.wait()
            return await inner(*arguments)

        setattr(handle.target, name, held)

    hold(stages.sentiment, "classify")
    hold(stages.summarizer, "summarize")
    made = make(pipeline, song(candidates=1))
    assert {"summarize", "sentiment"} <= set(made.timings)


@pytest.mark.parametrize(
    "stage", ["preprocess", "summarizer", "translator", "sentiment", "generator", "reranker"]
)
def test_dead_replicas_are_not_the_end(pipeline: Pipeline, song: Song, stage: str) -> None:
    handle = getattr(pipeline.calls.stages, stage)
    asyncio.run(pipeline.calls.models())
    handle.target.failures = [ActorDiedError()] * 2
    assert len(make(pipeline, song(candidates=3)).covers) == 3
    handle.target.failures = [ActorDiedError()] * 3
    with pytest.raises(StageCrashed, match=stage):
        make(pipeline, song(candidates=3))


def test_other_errors_are_not_tried_again(pipeline: Pipeline, song: Song) -> None:
    asyncio.run(pipeline.calls.models())
    pipeline.calls.stages.translator.target.failures = [KeyError("x")]
    with pytest.raises(KeyError):
        make(pipeline, song())
    assert len(calls(pipeline.calls.stages.translator, "translate")) == 1


def test_a_slow_stage_ends_in_a_timeout(pipeline: Pipeline, song: Song) -> None:
    stopped = []

    async def hang(_: DrawRequest) -> Any:
        try:
            await asyncio.sleep(60)
            yield
        finally:
            stopped.append(True)

    pipeline.calls.stages.generator.target.draw = hang
    pipeline.calls.timeouts = Timeouts(generator=0.05)
    with pytest.raises(StageTimeout, match=r"generator took longer than 0\.05 s"):
        make(pipeline, song())
    assert stopped


def test_a_full_queue_is_an_overload(pipeline: Pipeline, song: Song) -> None:
    pipeline.calls.stages.reranker.target.failures = [BackPressureError(9, 8, 503, 4)]
    with pytest.raises(Overloaded, match="reranker") as caught:
        make(pipeline, song())
    assert caught.value.retry_after == 4


def test_missing_candidates_are_no_success(pipeline: Pipeline, song: Song) -> None:
    pipeline.calls.stages.generator.target.missing = 1
    with pytest.raises(StageUnavailable, match="only 11 of 12"):
        make(pipeline, song())


def test_when_one_branch_fails_the_other_stops(pipeline: Pipeline, song: Song) -> None:
    stopped = []

    async def hang(_: str) -> Any:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.append(True)

    pipeline.calls.stages.sentiment.target.classify = hang
    asyncio.run(pipeline.calls.models())
    pipeline.calls.stages.summarizer.target.failures = [NothingToDraw("no words")]
    with pytest.raises(NothingToDraw):
        make(pipeline, song())
    assert stopped


def test_a_cancelled_request_stops_drawing(pipeline: Pipeline, song: Song) -> None:
    begun, stopped = asyncio.Event(), []

    async def hang(_: DrawRequest) -> Any:
        begun.set()
        try:
            await asyncio.sleep(60)
            yield
        finally:
            stopped.append(True)

    async def leave() -> None:
        pipeline.calls.stages.generator.target.draw = hang
        task = asyncio.create_task(pipeline.make(CoverRequest.model_validate(song())))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert stopped


def test_models_needs_every_stage(pipeline: Pipeline) -> None:
    pipeline.calls.stages.sentiment.target.broken = True
    with pytest.raises(StageUnavailable, match="sentiment"):
        asyncio.run(pipeline.calls.models())
    pipeline.calls.stages.sentiment.target.broken = False
    assert len(asyncio.run(pipeline.calls.models())) == 6


def test_a_stage_that_restarts_is_waited_for(pipeline: Pipeline) -> None:
    """The first song after a start: the generator answers later than `/readyz` would wait."""
    stage = pipeline.calls.stages.generator.target
    at_once = stage.describe

    async def late() -> Any:
        await asyncio.sleep(0.3)
        return await at_once()

    stage.describe = late
    pipeline.calls.timeouts = Timeouts(ready=0.05)
    assert asyncio.run(pipeline.calls.models())["generator"] == "fake generator"
    pipeline.calls.stages.sentiment.target.describe = late  # known by now: not asked again
    assert len(asyncio.run(pipeline.calls.models())) == 6


def test_a_silent_stage_is_not_ready(pipeline: Pipeline) -> None:
    async def hang() -> Any:
        await asyncio.sleep(60)

    pipeline.calls.stages.generator.target.describe = hang
    pipeline.calls.timeouts = Timeouts(ready=0.05)
    assert asyncio.run(pipeline.calls.survey())["generator"] == "no answer within 0.05 s"


def test_a_full_disk_is_an_error(
    pipeline: Pipeline, song: Song, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFull, match="No space left"):
        make(pipeline, song())
    assert list((tmp_path / "covers").iterdir()) == []


def test_a_korean_prompt_is_translated(pipeline: Pipeline, song: Song) -> None:
    made = make(pipeline, song(lyrics="One red kite", prompt="파란 하늘 Kite", candidates=1))
    assert made.prompt == "파란 하늘 kite"  # as the fake translator has it
    assert calls(pipeline.calls.stages.translator, "translate")[-1] == ("파란 하늘 Kite",)
    made = make(pipeline, song(lyrics="One red kite", prompt="A Kite", candidates=1))
    assert made.prompt == "A Kite"
