"""Preprocess: the client's text before the models see it: cleaned, its language told, rude words taken out.

Spacing and rude words both need kiwi, which costs half a gigabyte a process: they share one.
"""

from __future__ import annotations

from ray import serve

from deployments.config.text import KiwiSpacing, SoynlpSpacing
from deployments.config.tuning import Tunable
from deployments.config.user_config import NoTunables
from deployments.contract.messages import PreprocessedLyrics, PreprocessRequest, StageInfo
from deployments.stages.model_thread import ModelThread
from songdalle_core import morphology
from songdalle_core.lyrics import (
    KiwiSpacer,
    SoynlpSpacer,
    Spacer,
    clean_lyrics,
    readable,
    remove_profanity_many,
)

WARM_UP = PreprocessRequest("스쳐가고아무 말 못한 채")


@serve.deployment(name="Preprocess")
class Preprocess(Tunable[NoTunables]):
    """Cleans lyrics and takes out rude words."""

    Tunables = NoTunables

    def __init__(self, spacing: KiwiSpacing | SoynlpSpacing) -> None:
        self._backend = spacing.backend
        self._spacer: Spacer = KiwiSpacer() if spacing.backend == "kiwi" else SoynlpSpacer.default()
        self._thread = ModelThread("preprocess")
        morphology.warm_up()
        readable.warm_up()
        self._preprocess(WARM_UP)

    async def tune(self, tunables: NoTunables) -> None:
        """There is nothing to tune."""

    async def preprocess(self, request: PreprocessRequest) -> PreprocessedLyrics:
        """What can be read of the lyrics, cleaned, without rude words; texts may come out empty."""
        return await self._thread.run(self._preprocess, request)

    async def describe(self) -> StageInfo:
        """Clean a few words and say what runs here."""
        await self.preprocess(WARM_UP)
        return StageInfo("preprocess", self._backend, refused=self.refused)

    def _preprocess(self, request: PreprocessRequest) -> PreprocessedLyrics:
        clean, unread = readable.read_lyrics(request.lyrics, spacer=self._spacer)
        unread = readable.named(unread)
        if request.prompt is not None and not clean.lines:  # only the prompt must be readable then
            clean = clean_lyrics(request.lyrics, spacer=self._spacer)
        prompt, style = request.prompt, request.style if request.prompt is None else None
        strange = prompt is not None and not readable.is_readable(prompt)
        if not request.remove_profanity:
            return PreprocessedLyrics(clean, clean.lines, prompt, style, 0, unread, strange)
        optional = [text for text in (prompt, style) if text is not None]
        filtered = remove_profanity_many([*clean.lines, *optional])
        lines = tuple(line.text for line in filtered[: len(clean.lines)] if line.text)
        rest = iter(filtered[len(clean.lines) :])
        return PreprocessedLyrics(
            clean,
            lines,
            next(rest).text if prompt is not None else None,
            _unless_wordless(next(rest).text) if style is not None else None,
            sum(text.removed for text in filtered),
            unread,
            strange,
        )


def _unless_wordless(text: str) -> str | None:
    return text if any(map(str.isalnum, text)) else None
