"""Lyrics in, ranked covers out: the order of the stages, and what happens when one fails.

clean -+- summarise - translate -+- prompt - generate -+- rerank -+- store
       +- sentiment -------------+                     +- label --+
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import uuid
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from ray.exceptions import RayActorError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

from deployments import metrics
from deployments.errors import NothingToDraw, Overloaded, StageTimeout, StageUnavailable
from deployments.messages import Drawing, DrawnCover, PoliteLines, StageInfo, SummaryOrder
from deployments.observation import Clock, observed
from deployments.schemas import Cover, CoverRequest, CoverSet, SentimentScores, WordNotes
from deployments.storage import CoverStore
from deployments.tunables import Timeouts
from songdalle_core.prompts import PromptOptions
from songdalle_core.provenance import NOTICE, CoverMetadata, encode_png

if TYPE_CHECKING:
    from songdalle_core.lyrics import CleanLyrics
    from songdalle_core.prompts import Prompt
    from songdalle_core.sentiment import Sentiment
    from songdalle_core.summarization import Summary
    from songdalle_core.translation import Translation

Result = TypeVar("Result")
Other = TypeVar("Other")

RETRY_AFTER = 5
NOTHING_READABLE = (
    "the lyrics have nothing to draw: after cleaning no Korean or English letter is left "
    "(emoji, punctuation and other scripts are taken out); add a line of Korean or English"
)

NOTHING_POLITE = (
    "the lyrics have nothing to draw: no words are left without the rude ones; add other lines, or "
    "send remove_profanity false"
)


@dataclass(frozen=True)
class Stages:
    """Handles of the deployments (`ray.serve.handle.DeploymentHandle`, or what acts like one)."""

    preprocess: Any
    summarizer: Any
    translator: Any
    sentiment: Any
    generator: Any
    reranker: Any

    def named(self) -> Iterator[tuple[str, Any]]:
        """Each stage's name and handle."""
        return ((entry.name, getattr(self, entry.name)) for entry in fields(self))


@dataclass(frozen=True)
class Words:
    """What the text stages made of the lyrics."""

    clean: CleanLyrics
    summary: str
    translation: str
    notes: WordNotes
    sentiment: Sentiment
    prompt: str


class Pipeline:
    """Runs requests through the stages.

    Args:
        stages: handles to call.
        store: keeps the results.
        upscale: whole factor from the generator's pictures to the PNGs.
    """

    def __init__(self, stages: Stages, store: CoverStore, upscale: int) -> None:
        self.stages = stages
        self.store = store
        self.upscale = upscale
        self.timeouts = Timeouts()
        self._models: dict[str, str] = {}

    async def make(self, order: CoverRequest) -> CoverSet:
        """Covers for one request, stored.

        Raises:
            CoverError: one of `deployments.errors`, for the client.
        """
        with observed(order.candidates) as clock:
            return await self._make(order, clock)

    async def _make(self, order: CoverRequest, clock: Clock) -> CoverSet:
        seed = order.seed if order.seed is not None else secrets.randbelow(2**32)
        models = await self.models()
        words = await self._words(order, clock)
        drawing = Drawing(
            words.prompt, order.candidates, seed, order.temperature, order.top_k, order.top_p
        )
        with clock.stage("generate"):
            drawn = await self._call("generator", lambda: self._draw(drawing))
        clock.note("queue", drawn[0].waited)
        images = np.stack([cover.pixels for cover in drawn])
        scores, files = await _beside(
            self._timed(clock, "rerank", self._score(words.prompt, images)),
            self._timed(clock, "label", self._label(words.prompt, drawn, models["generator"])),
        )
        for score in scores:
            metrics.SCORE.observe(max(0.0, score))
        best = sorted(range(len(drawn)), key=lambda i: (-scores[i], i))
        name = uuid.uuid4().hex
        made = CoverSet(
            id=name,
            created_at=datetime.now(UTC),
            status="done",
            title=order.title,
            artist=order.artist,
            lyrics=order.lyrics,
            language=words.clean.language,
            summary=words.summary,
            translation=words.translation,
            words=words.notes,
            sentiment=SentimentScores(
                label=words.sentiment.label, scores=dict(words.sentiment.scores)
            ),
            prompt=words.prompt,
            seed=seed,
            models=models,
            timings=clock.timings(),
            covers=[
                Cover(rank=rank, score=scores[i], seed=drawn[i].seed, url=image_url(name, rank))
                for rank, i in enumerate(best, start=1)
            ],
            notice=NOTICE,
        )
        ranked = [files[i] for i in best]
        with clock.stage("store"):
            await asyncio.to_thread(self.store.save, made, ranked)
        made = made.model_copy(update={"timings": clock.timings()})
        return _with_images(made, ranked) if order.response_format == "b64_json" else made

    async def _words(self, order: CoverRequest, clock: Clock) -> Words:
        stages = self.stages
        with clock.stage("clean"):
            clean: CleanLyrics = await self._call(
                "preprocess", lambda: stages.preprocess.clean.remote(order.lyrics)
            )
        if not clean.text:
            raise NothingToDraw(NOTHING_READABLE)
        sentiment, (summary, english, rude) = await _beside(
            self._timed(clock, "sentiment", self._classify(clean.text)),
            self._summary_in_english(clean, order, clock),
        )
        mood = (order.mood or sentiment.label) if order.use_mood else None
        options = PromptOptions(
            style=order.style,
            mood=mood,
            remove_repeats=order.remove_repeats,
            remove_profanity=order.remove_profanity,
        )
        with clock.stage("prompt"):
            said = [translation.text for translation in english]
            prompt: Prompt = await self._call(
                "preprocess", lambda: stages.preprocess.write_prompt.remote(said, options)
            )
        notes = _notes(english, prompt, rude)
        return Words(clean, summary.text, ". ".join(said), notes, sentiment, prompt.text)

    async def _classify(self, text: str) -> Sentiment:
        return await self._call("sentiment", lambda: self.stages.sentiment.classify.remote(text))

    async def _summary_in_english(
        self, clean: CleanLyrics, song: CoverRequest, clock: Clock
    ) -> tuple[Summary, list[Translation], int]:
        """The summary, each of its sentences in English, and how many rude words the lyrics lost."""
        stages = self.stages
        polite = PoliteLines(clean.lines, 0)
        if song.remove_profanity:
            with clock.stage("filter"):
                polite = await self._call(
                    "preprocess", lambda: stages.preprocess.without_rude_words.remote(clean.lines)
                )
        if not polite.lines:
            raise NothingToDraw(NOTHING_POLITE)
        order = SummaryOrder(polite.lines, song.sentences)
        with clock.stage("summarize"):
            summary: Summary = await self._call(
                "summarizer", lambda: stages.summarizer.summarize.remote(order)
            )
        with clock.stage("translate"):
            translations = await self._call(
                "translator",
                lambda: asyncio.gather(
                    *[_awaited(stages.translator.translate.remote(s)) for s in summary.sentences]
                ),
            )
        return summary, translations, polite.removed

    async def _draw(self, drawing: Drawing) -> list[DrawnCover]:
        """All candidates, in the order of their numbers."""
        stream: AsyncIterator[DrawnCover] = self.stages.generator.options(stream=True).draw.remote(
            drawing
        )
        try:
            drawn = [cover async for cover in stream]
        except BaseException:
            if hasattr(stream, "cancel"):  # a time-out here must stop the drawing there
                stream.cancel()
            raise
        if len(drawn) != drawing.candidates:
            raise StageUnavailable(f"only {len(drawn)} of {drawing.candidates} covers were drawn")
        return sorted(drawn, key=lambda cover: cover.candidate)

    async def _score(self, prompt: str, images: np.ndarray) -> list[float]:
        judgements = await self._call(
            "reranker", lambda: self.stages.reranker.judge.remote(prompt, images)
        )
        return [judgement.score for judgement in judgements]

    async def _label(self, prompt: str, drawn: list[DrawnCover], model: str) -> list[bytes]:
        def encode() -> list[bytes]:
            return [
                encode_png(
                    cover.pixels, CoverMetadata(prompt, cover.seed, model), upscale=self.upscale
                )
                for cover in drawn
            ]

        return await asyncio.to_thread(encode)

    async def models(self) -> dict[str, str]:
        """Stage to model, asked once: another model comes with new replicas of everything.

        Raises:
            StageUnavailable: a stage does not answer.
        """
        if not self._models:
            answers = await self.survey()
            silent = {name: a for name, a in answers.items() if not isinstance(a, StageInfo)}
            if silent:
                raise StageUnavailable(f"not ready: {', '.join(silent)}")
            self._models = {n: a.model for n, a in answers.items() if isinstance(a, StageInfo)}
        return dict(self._models)

    async def survey(self) -> Mapping[str, StageInfo | str]:
        """Each stage's answer to a small real call, or what is wrong with it."""

        async def ask(handle: Any) -> StageInfo | str:
            try:
                async with asyncio.timeout(self.timeouts.ready):
                    answer: StageInfo = await handle.describe.remote()
                    return answer
            except TimeoutError:
                return f"no answer within {self.timeouts.ready:g} s"
            except Exception as error:
                return f"{type(error).__name__}"

        names, handles = zip(*self.stages.named(), strict=True)
        return dict(zip(names, await asyncio.gather(*map(ask, handles)), strict=True))

    async def _timed(self, clock: Clock, name: str, work: Awaitable[Result]) -> Result:
        with clock.stage(name):
            return await work

    async def _call(self, stage: str, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """The result of `attempt`, made twice if the first one's replica died.

        Every stage is idempotent: the same call gives the same answer.

        Raises:
            CoverError: time-out, full queue, or a stage that died twice.
        """
        limit: float = getattr(self.timeouts, stage)
        try:
            async with asyncio.timeout(limit):
                try:
                    return await attempt()
                except (RayActorError, StageUnavailable):
                    metrics.RETRIES.add(stage=stage)
                    return await attempt()
        except TimeoutError:
            raise StageTimeout(f"the {stage} took longer than {limit:g} s: try again") from None
        except BackPressureError as full:
            retry = round(full.retry_after_s or RETRY_AFTER)
            raise Overloaded(f"too many requests wait for the {stage}", retry) from None
        except (RayActorError, DeploymentUnavailableError):
            raise StageUnavailable(f"the {stage} is restarting: try again soon") from None


def image_url(name: str, rank: int) -> str:
    """Absolute path of a picture."""
    return f"/v1/covers/{name}/images/{rank}.png"


def _notes(english: Sequence[Translation], prompt: Prompt, rude: int) -> WordNotes:
    """What the translator and the prompt did to words, over all sentences."""
    return WordNotes(
        dropped=list(dict.fromkeys(word for t in english for word in t.unknown)),
        borrowed={word: lender for t in english for word, lender in t.borrowed},
        pictured=list(dict.fromkeys(word for t in english for word in t.images)),
        rude_removed=rude + prompt.rude_removed,
        repeats_removed=prompt.repeats_removed,
    )


async def _awaited(response: Awaitable[Result]) -> Result:
    return await response


async def _beside(
    first: Coroutine[Any, Any, Result], second: Coroutine[Any, Any, Other]
) -> tuple[Result, Other]:
    """Both results; when one fails, the other is cancelled."""
    tasks = (asyncio.create_task(first), asyncio.create_task(second))
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _with_images(made: CoverSet, images: list[bytes]) -> CoverSet:
    covers = [
        cover.model_copy(update={"b64_json": base64.b64encode(png).decode()})
        for cover, png in zip(made.covers, images, strict=True)
    ]
    return made.model_copy(update={"covers": covers})
