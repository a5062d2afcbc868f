"""Preprocess: text before and between the models. Cleaning and language first, the prompt last.

Both need kiwi (spacing, rude words), which costs half a gigabyte a process: they share one.
"""

from __future__ import annotations

from collections.abc import Sequence

from ray import serve

from deployments.config.text import KiwiSpacing, SoynlpSpacing
from deployments.contract.errors import NothingToDraw
from deployments.contract.messages import PoliteLines, StageInfo
from deployments.stages.model_thread import Worker
from songdalle_core import morphology
from songdalle_core.lyrics import (
    CleanLyrics,
    KiwiSpacer,
    SoynlpSpacer,
    Spacer,
    clean_lyrics,
    remove_profanity,
    remove_profanity_many,
)
from songdalle_core.prompts import Prompt, PromptOptions, build_prompt

WARM_UP = "스쳐가고아무 말 못한 채"


@serve.deployment(
    name="Preprocess",
    num_replicas=1,
    max_ongoing_requests=32,
    max_queued_requests=200,
    graceful_shutdown_timeout_s=60,
    health_check_period_s=10,
    health_check_timeout_s=30,
    ray_actor_options={"num_cpus": 0.2, "num_gpus": 0},
)
class Preprocess:
    """Cleans lyrics and writes prompts."""

    def __init__(self, spacing: KiwiSpacing | SoynlpSpacing) -> None:
        self._backend = spacing.backend
        self._spacer: Spacer = KiwiSpacer() if spacing.backend == "kiwi" else SoynlpSpacer.default()
        self._worker = Worker("preprocess")
        morphology.warm_up()
        self._clean(WARM_UP)

    async def clean(self, lyrics: str) -> CleanLyrics:
        """The five cleaning rules and the language; the text may come out empty."""
        return await self._worker.run(self._clean, lyrics)

    async def without_rude_words(self, lines: tuple[str, ...]) -> PoliteLines:
        """The lines as the summariser and the translator may see them."""
        return await self._worker.run(self._without_rude_words, lines)

    async def write_prompt(self, sentences: Sequence[str], options: PromptOptions) -> Prompt:
        """The sentence for the generator, without rude words.

        Raises:
            NothingToDraw: no word is left.
        """
        return await self._worker.run(self._write_prompt, sentences, options)

    async def describe(self) -> StageInfo:
        """Clean a few words and say what runs here."""
        await self.clean(WARM_UP)
        return StageInfo("preprocess", self._backend)

    async def check_health(self) -> None:
        """The event loop answers: that is all there is to check."""

    def _clean(self, lyrics: str) -> CleanLyrics:
        return clean_lyrics(lyrics, spacer=self._spacer)

    def _without_rude_words(self, lines: tuple[str, ...]) -> PoliteLines:
        filtered = remove_profanity_many(lines)
        kept = tuple(line.text for line in filtered if line.text)
        return PoliteLines(kept, sum(line.removed for line in filtered))

    def _write_prompt(self, sentences: Sequence[str], options: PromptOptions) -> Prompt:
        try:
            return build_prompt(sentences, options, profanity_filter=remove_profanity)
        except ValueError as error:
            raise NothingToDraw(f"no prompt can be written: {error}") from error
