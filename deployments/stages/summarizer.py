"""Summarizer: the sentences that carry a song's picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

from ray import serve

from deployments.config.base import Device
from deployments.config.text import AnySummarizer, AnyTranslator, GlossOptions, TextRankOptions
from deployments.config.tuning import Tunable
from deployments.config.user_config import SummarizerTunables
from deployments.contract.errors import NothingToDraw
from deployments.contract.messages import StageInfo, SummaryRequest
from deployments.stages.batching import BatchedModel
from songdalle_core import morphology
from songdalle_core.summarization import Summary, SummaryOptions, TextRankSummarizer
from songdalle_core.translation import Lexicon

WARM_UP = SummaryRequest(("풍선을 타고 날아가는 예쁜 꿈을 꾸었지", "너도 나도 웃었네"), 1)
# more tokens than KoBART reads
LONGEST = SummaryRequest(
    tuple(f"{n}번째 풍선을 타고 날아가는 예쁜 꿈을 꾸었지" for n in range(100)), 3
)


class Backend(Protocol):
    """What the summarisers have in common."""

    def summarize_many(
        self, songs: Sequence[Sequence[str]], options: SummaryOptions | None = None
    ) -> list[Summary]:
        """A summary of each song."""


@serve.deployment(name="Summarizer")
class Summarizer(Tunable[SummarizerTunables]):
    """Batches songs for the chosen model."""

    Tunables = SummarizerTunables

    def __init__(self, options: AnySummarizer, translator: AnyTranslator, device: Device) -> None:
        self._model, self._name, self._details = load(options, translator, device)
        self._tunables = SummarizerTunables()
        self._batched = BatchedModel("summarizer", self._summarize_many, LONGEST)

    async def tune(self, tunables: SummarizerTunables) -> None:
        """Take over other batches and lengths."""
        await self._batched.tune(tunables)
        self._tunables = tunables

    async def summarize(self, request: SummaryRequest) -> Summary:
        """Summary of one song.

        Raises:
            NothingToDraw: no line has a word.
        """
        return await self._batched.answer(request)

    def _summarize_many(self, requests: list[SummaryRequest]) -> list[Summary]:
        """Requests for summaries of one length go to the model together."""
        by_place: dict[int, Summary] = {}
        numbered = sorted(enumerate(requests), key=lambda entry: entry[1].sentences)
        for sentences, entries in groupby(numbered, key=lambda entry: entry[1].sentences):
            group = list(entries)
            songs = [request.lines for _, request in group]
            limits = (self._tunables.min_chars, self._tunables.max_chars)
            try:
                summaries = self._model.summarize_many(songs, SummaryOptions(sentences, *limits))
            except ValueError as error:
                raise NothingToDraw(f"the lyrics cannot be summarised: {error}") from error
            by_place |= {place: s for (place, _), s in zip(group, summaries, strict=True)}
        return [by_place[place] for place in range(len(requests))]

    async def describe(self) -> StageInfo:
        """Summarise two lines and say what runs here."""
        await self.summarize(WARM_UP)
        return StageInfo("summarizer", self._name, dict(self._details), self.refused)


def load(
    options: AnySummarizer, translator: AnyTranslator, device: Device
) -> tuple[Backend, str, dict[str, str]]:
    """The summariser that the options name, its name for clients, and how it is run.

    Raises:
        songdalle_core.artifacts.ModelMissing: it is not to be had.
    """
    if isinstance(options, TextRankOptions):
        morphology.warm_up()
        # what is picturable it asks of the translator's lexicon
        lexicon = translator.lexicon if isinstance(translator, GlossOptions) else None
        model = TextRankSummarizer(Lexicon.load(lexicon).is_picturable)
        return model, options.backend, {}
    from deployments.stages.pretrained import described, source_of
    from songdalle_core.summarization.kobart import KoBartOptions, KoBartSummarizer

    source = source_of(options, device)
    search = KoBartOptions(
        options.max_length, options.num_beams, options.length_penalty, options.batch_tokens
    )
    return KoBartSummarizer.load(source, search), *described(options, source)
