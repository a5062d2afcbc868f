"""From lyrics to a prompt: the text stages in their order, the mood beside the summary."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from deployments.contract.covers import CoverRequest, WordNotes
from deployments.contract.errors import NothingToDraw
from deployments.contract.events import Cleaned, Emit, Felt, Prompted, Summarized, Translated
from deployments.contract.messages import PreprocessedLyrics, PreprocessRequest, SummaryRequest
from deployments.pipeline.stage_calls import StageCalls, beside
from deployments.telemetry.request_clock import RequestClock
from songdalle_core.hangul import contains_syllables
from songdalle_core.lyrics import remove_english_profanity
from songdalle_core.policy import check_prompt
from songdalle_core.prompts import Prompt, PromptOptions, build_prompt
from songdalle_core.translation.sentences import split_sentences

if TYPE_CHECKING:
    from songdalle_core.lyrics import CleanLyrics
    from songdalle_core.sentiment import Sentiment
    from songdalle_core.summarization import Summary
    from songdalle_core.translation import Translation

Result = TypeVar("Result")

NOTHING_READABLE = (
    "the lyrics have nothing to draw: no line of them is Korean or English (other languages, romanised "
    "Korean, credits, emoji and punctuation are not read); add a line of Korean or English"
)

PROMPT_UNREADABLE = (
    "the prompt has nothing to draw: it is neither Korean nor English (other languages and romanised "
    "Korean are not read); write it in one of the two"
)

NOTHING_POLITE = (
    "the lyrics have nothing to draw: no words are left without the rude ones; add other lines, or "
    "send remove_profanity false"
)

NOTHING_IN_PROMPT = (
    "the prompt has nothing to draw: no words are left without the rude ones; write another one, or "
    "send remove_profanity false"
)


def warm_up() -> None:
    """Compile the patterns that a prompt is searched with: a third of a second, once a process."""
    build_prompt(["warm up"], profanity_filter=remove_english_profanity)
    check_prompt("warm up")


@dataclass(frozen=True)
class PromptDraft:
    """What the text stages made of the lyrics."""

    clean: CleanLyrics
    summary: str
    translation: str
    notes: WordNotes
    sentiment: Sentiment
    prompt: str


class PromptWriter:
    """Writes the prompt of one request; emits each part as it stands."""

    def __init__(
        self, calls: StageCalls, request: CoverRequest, clock: RequestClock, emit: Emit
    ) -> None:
        self._calls = calls
        self._stages = calls.stages
        self._request = request
        self._clock = clock
        self._emit = emit

    async def write(self) -> PromptDraft:
        """The prompt, and what it is made from.

        Raises:
            CoverError: a stage failed, or there is nothing to draw.
        """
        texts = await self._preprocess()
        sentiment, (summary, english) = await beside(
            self._mood(texts.clean.text), self._summary_in_english(texts)
        )
        given = await self._given_prompt(texts.prompt)
        with self._clock.stage("prompt"):
            prompt = given or self._prompt(texts, [phrase.text for phrase in english], sentiment)
        self._emit(Prompted(prompt=prompt.text))
        notes = _notes(english, texts, prompt)
        return PromptDraft(texts.clean, summary.text, _text(english), notes, sentiment, prompt.text)

    async def _preprocess(self) -> PreprocessedLyrics:
        """The client's texts, clean and without rude words.

        Raises:
            NothingToDraw: one of them has nothing left.
        """
        request = self._request
        asked = PreprocessRequest(
            request.lyrics, request.prompt, request.style, request.remove_profanity
        )
        with self._clock.stage("clean"):
            texts: PreprocessedLyrics = await self._calls.call(
                "preprocess", lambda: self._stages.preprocess.preprocess.remote(asked)
            )
        if not texts.clean.text:
            raise NothingToDraw(NOTHING_READABLE)
        self._emit(Cleaned(language=texts.clean.language, lines=len(texts.clean.lines)))
        if not texts.lines:
            raise NothingToDraw(NOTHING_POLITE)
        if texts.prompt_unread:
            raise NothingToDraw(PROMPT_UNREADABLE)
        if texts.prompt is not None and not texts.prompt:
            raise NothingToDraw(NOTHING_IN_PROMPT)
        return texts

    async def _mood(self, text: str) -> Sentiment:
        with self._clock.stage("sentiment"):
            sentiment: Sentiment = await self._calls.call(
                "sentiment", lambda: self._stages.sentiment.classify.remote(text)
            )
        self._emit(Felt(label=sentiment.label, scores=dict(sentiment.scores)))
        return sentiment

    async def _summary_in_english(
        self, texts: PreprocessedLyrics
    ) -> tuple[Summary, list[Translation]]:
        """The summary, and each of its sentences in English."""
        asked = SummaryRequest(texts.lines, self._request.sentences)
        with self._clock.stage("summarize"):
            summary: Summary = await self._calls.call(
                "summarizer", lambda: self._stages.summarizer.summarize.remote(asked)
            )
        self._emit(Summarized(summary=summary.text))
        with self._clock.stage("translate"):
            english = await self._in_english(summary.sentences)
        notes = _notes(english, texts)
        translator = (await self._calls.models())["translator"]
        self._emit(Translated(translator=translator, translation=_text(english), words=notes))
        return summary, english

    async def _in_english(self, sentences: Sequence[str]) -> list[Translation]:
        translate = self._stages.translator.translate
        return await self._calls.call(
            "translator",
            lambda: asyncio.gather(*[_awaited(translate.remote(s)) for s in sentences]),
        )

    async def _given_prompt(self, prompt: str | None) -> Prompt | None:
        """The prompt that the client gave, a Korean one in English; None if it gave none."""
        if prompt is None or not contains_syllables(prompt):
            return None if prompt is None else Prompt(prompt)
        with self._clock.stage("translate"):
            return Prompt(_text(await self._in_english(split_sentences(prompt))))

    def _prompt(
        self, texts: PreprocessedLyrics, sentences: list[str], sentiment: Sentiment
    ) -> Prompt:
        """The prompt written from the summary.

        The Korean was searched for rude words before it was translated; what the translator wrote is English.
        """
        request = self._request
        options = PromptOptions(
            style=texts.style,
            mood=(request.mood or sentiment.label) if request.use_mood else None,
            remove_repeats=request.remove_repeats,
            remove_profanity=request.remove_profanity,
        )
        try:
            return build_prompt(sentences, options, profanity_filter=remove_english_profanity)
        except ValueError as error:
            raise NothingToDraw(f"no prompt can be written: {error}") from error


def _text(english: Sequence[Translation]) -> str:
    return ". ".join(translation.text for translation in english)


def _notes(
    english: Sequence[Translation], texts: PreprocessedLyrics, prompt: Prompt | None = None
) -> WordNotes:
    """What the translator and the prompt did to words, over all sentences, and the lines left out."""
    return WordNotes(
        unread=list(texts.unread),
        dropped=list(dict.fromkeys(word for t in english for word in t.unknown)),
        borrowed={word: lender for t in english for word, lender in t.borrowed},
        pictured=list(dict.fromkeys(word for t in english for word in t.images)),
        fallback=next((t.stand_in for t in english if t.stand_in), None),
        rude_removed=texts.rude_removed + (prompt.rude_removed if prompt else 0),
        repeats_removed=prompt.repeats_removed if prompt else 0,
    )


async def _awaited(response: Awaitable[Result]) -> Result:
    return await response
