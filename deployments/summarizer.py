"""Summarizer: the sentences that carry a song's picture."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from ray import serve

from deployments.batching import each_on_its_own, tune, unwrap
from deployments.errors import NothingToDraw
from deployments.messages import StageInfo, SummaryOrder
from deployments.options import GlossOptions, TextRankOptions
from deployments.tunables import SummarizerTunables
from deployments.worker import Worker
from songdalle_core import morphology
from songdalle_core.summarization import Summary, SummaryOptions, TextRankSummarizer
from songdalle_core.translation import Lexicon

WARM_UP = SummaryOrder(("풍선을 타고 날아가는 예쁜 꿈을 꾸었지", "너도 나도 웃었네"), 1)


@serve.deployment(
    name="Summarizer",
    num_replicas=1,
    max_ongoing_requests=32,
    max_queued_requests=200,
    graceful_shutdown_timeout_s=60,
    health_check_period_s=10,
    health_check_timeout_s=30,
    ray_actor_options={"num_cpus": 0.1, "num_gpus": 0},
)
class Summarizer:
    """TextRank; what is picturable it asks of the translator's lexicon."""

    def __init__(self, options: TextRankOptions, translator: GlossOptions) -> None:
        self._backend = options.backend
        self._model = TextRankSummarizer(Lexicon.load(translator.lexicon).is_picturable)
        self._tunables = SummarizerTunables()
        self._worker = Worker("summarizer")
        morphology.warm_up()
        self._summarize_many([WARM_UP])

    def reconfigure(self, user_config: dict[str, Any]) -> None:
        """Take over a changed `user_config`."""
        self._tunables = SummarizerTunables.model_validate(user_config)
        tune(self._batch, self._tunables)

    async def summarize(self, order: SummaryOrder) -> Summary:
        """Summary of one song.

        Raises:
            NothingToDraw: no line has a word.
        """
        outcome: Summary | Exception = await self._batch(order)
        return unwrap(outcome)

    @serve.batch(max_batch_size=8, batch_wait_timeout_s=0.005)
    async def _batch(self, orders: list[SummaryOrder]) -> list[Summary | Exception]:
        return await self._worker.run(each_on_its_own, self._summarize_many, orders)

    def _summarize_many(self, orders: list[SummaryOrder]) -> list[Summary]:
        """Orders of one length go to the model together."""
        found: dict[int, Summary] = {}
        numbered = sorted(enumerate(orders), key=lambda entry: entry[1].sentences)
        for sentences, entries in groupby(numbered, key=lambda entry: entry[1].sentences):
            group = list(entries)
            songs = [order.lines for _, order in group]
            limits = (self._tunables.min_chars, self._tunables.max_chars)
            try:
                summaries = self._model.summarize_many(songs, SummaryOptions(sentences, *limits))
            except ValueError as error:
                raise NothingToDraw(f"the lyrics cannot be summarised: {error}") from error
            found |= {number: s for (number, _), s in zip(group, summaries, strict=True)}
        return [found[number] for number in range(len(orders))]

    async def describe(self) -> StageInfo:
        """Summarise two lines and say what runs here."""
        await self.summarize(WARM_UP)
        return StageInfo("summarizer", self._backend)

    async def check_health(self) -> None:
        """The event loop answers: that is all there is to check."""
