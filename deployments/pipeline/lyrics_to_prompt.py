"""From lyrics to a prompt: the text stages in their order, the mood beside the summary."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from deployments.contract.covers import CoverRequest, WordNotes
from deployments.contract.errors import NothingToDraw
from deployments.contract.events import Cleaned, Felt, Prompted, Summarized, Tell, Translated
from deployments.contract.messages import PoliteLines, SummaryOrder
from deployments.pipeline.stage_calls import Caller, beside
from deployments.telemetry.request_clock import Clock
from songdalle_core.prompts import Prompt, PromptOptions

if TYPE_CHECKING:
    from songdalle_core.lyrics import CleanLyrics
    from songdalle_core.sentiment import Sentiment
    from songdalle_core.summarization import Summary
    from songdalle_core.translation import Translation

Result = TypeVar("Result")

NOTHING_READABLE = (
    "the lyrics have nothing to draw: after cleaning no Korean or English letter is left "
    "(emoji, punctuation and other scripts are taken out); add a line of Korean or English"
)

NOTHING_POLITE = (
    "the lyrics have nothing to draw: no words are left without the rude ones; add other lines, or "
    "send remove_profanity false"
)

NOTHING_IN_PROMPT = (
    "the prompt has nothing to draw: no words are left without the rude ones; write another one, or "
    "send remove_profanity false"
)


@dataclass(frozen=True)
class Words:
    """What the text stages made of the lyrics."""

    clean: CleanLyrics
    summary: str
    translation: str
    notes: WordNotes
    sentiment: Sentiment
    prompt: str


class Wording:
    """Words for one request, telling each as it stands."""

    def __init__(self, caller: Caller, order: CoverRequest, clock: Clock, tell: Tell) -> None:
        self._caller = caller
        self._stages = caller.stages
        self._order = order
        self._clock = clock
        self._tell = tell

    async def words(self) -> Words:
        """All of them.

        Raises:
            CoverError: a stage failed, or there is nothing to draw.
        """
        with self._clock.stage("clean"):
            clean: CleanLyrics = await self._caller.call(
                "preprocess", lambda: self._stages.preprocess.clean.remote(self._order.lyrics)
            )
        if not clean.text:
            raise NothingToDraw(NOTHING_READABLE)
        self._tell(Cleaned(language=clean.language, lines=len(clean.lines)))
        sentiment, (summary, english, rude) = await beside(
            self._mood(clean.text), self._summary_in_english(clean)
        )
        with self._clock.stage("prompt"):
            said = [translation.text for translation in english]
            prompt = await self._prompt(said, sentiment)
        self._tell(Prompted(prompt=prompt.text))
        notes = _notes(english, rude, prompt)
        return Words(clean, summary.text, _text(english), notes, sentiment, prompt.text)

    async def _mood(self, text: str) -> Sentiment:
        with self._clock.stage("sentiment"):
            found: Sentiment = await self._caller.call(
                "sentiment", lambda: self._stages.sentiment.classify.remote(text)
            )
        self._tell(Felt(label=found.label, scores=dict(found.scores)))
        return found

    async def _summary_in_english(
        self, clean: CleanLyrics
    ) -> tuple[Summary, list[Translation], int]:
        """The summary, each of its sentences in English, and how many rude words the lyrics lost."""
        polite = PoliteLines(clean.lines, 0)
        if self._order.remove_profanity:
            with self._clock.stage("filter"):
                polite = await self._polite(clean.lines)
        if not polite.lines:
            raise NothingToDraw(NOTHING_POLITE)
        asked = SummaryOrder(polite.lines, self._order.sentences)
        with self._clock.stage("summarize"):
            summary: Summary = await self._caller.call(
                "summarizer", lambda: self._stages.summarizer.summarize.remote(asked)
            )
        self._tell(Summarized(summary=summary.text))
        with self._clock.stage("translate"):
            translate = self._stages.translator.translate
            english = await self._caller.call(
                "translator",
                lambda: asyncio.gather(*[_awaited(translate.remote(s)) for s in summary.sentences]),
            )
        notes = _notes(english, polite.removed)
        translator = (await self._caller.models())["translator"]
        told = Translated(translator=translator, translation=_text(english), words=notes)
        self._tell(told)
        return summary, english, polite.removed

    async def _prompt(self, sentences: list[str], sentiment: Sentiment) -> Prompt:
        """The prompt that the client gave, or the one written from the summary."""
        order = self._order
        if order.prompt is not None:
            return await self._given_prompt(order.prompt)
        options = PromptOptions(
            style=order.style,
            mood=(order.mood or sentiment.label) if order.use_mood else None,
            remove_repeats=order.remove_repeats,
            remove_profanity=order.remove_profanity,
        )
        return await self._caller.call(
            "preprocess", lambda: self._stages.preprocess.write_prompt.remote(sentences, options)
        )

    async def _given_prompt(self, text: str) -> Prompt:

        if not self._order.remove_profanity:
            return Prompt(text)
        polite = await self._polite((text,))
        if not polite.lines:
            raise NothingToDraw(NOTHING_IN_PROMPT)
        return Prompt(polite.lines[0], rude_removed=polite.removed)

    async def _polite(self, lines: tuple[str, ...]) -> PoliteLines:
        return await self._caller.call(
            "preprocess", lambda: self._stages.preprocess.without_rude_words.remote(lines)
        )


def _text(english: Sequence[Translation]) -> str:
    return ". ".join(translation.text for translation in english)


def _notes(english: Sequence[Translation], rude: int, prompt: Prompt | None = None) -> WordNotes:
    """What the translator and the prompt did to words, over all sentences."""
    return WordNotes(
        dropped=list(dict.fromkeys(word for t in english for word in t.unknown)),
        borrowed={word: lender for t in english for word, lender in t.borrowed},
        pictured=list(dict.fromkeys(word for t in english for word in t.images)),
        fallback=next((t.stand_in for t in english if t.stand_in), None),
        rude_removed=rude + (prompt.rude_removed if prompt else 0),
        repeats_removed=prompt.repeats_removed if prompt else 0,
    )


async def _awaited(response: Awaitable[Result]) -> Result:
    return await response
