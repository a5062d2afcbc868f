"""Sentiment: the mood of a song."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ray import serve

from deployments.config.base import Device
from deployments.config.text import AnySentiment, ClassifierOptions, KoBertOptions
from deployments.config.tuning import Tunable
from deployments.config.user_config import BatchTunables
from deployments.contract.messages import StageInfo
from deployments.stages.batching import BatchedModel
from songdalle_core import morphology
from songdalle_core.sentiment import MoodClassifier
from songdalle_core.sentiment import Sentiment as Mood

WARM_UP = "너 없는 밤 눈물만 흘러"
LONGEST = ". ".join(f"너 없는 {n}번째 밤 눈물만 흘러" for n in range(100))


class Backend(Protocol):
    """What the classifiers have in common."""

    def classify_many(self, texts: Sequence[str]) -> list[Mood]:
        """The mood of each text."""


@serve.deployment(name="Sentiment")
class Sentiment(Tunable[BatchTunables]):
    """Classifies cleaned lyrics into the five moods, in batches."""

    Tunables = BatchTunables

    def __init__(self, options: AnySentiment, device: Device) -> None:
        self._model, self._name, self._details = load(options, device)
        self._batched = BatchedModel("sentiment", self._model.classify_many, LONGEST)

    async def tune(self, tunables: BatchTunables) -> None:
        """Take over other batches."""
        await self._batched.tune(tunables)

    async def classify(self, text: str) -> Mood:
        """Mood scores of one cleaned lyric."""
        return await self._batched.answer(text)

    async def describe(self) -> StageInfo:
        """Classify a line and say what runs here."""
        await self.classify(WARM_UP)
        return StageInfo("sentiment", self._name, dict(self._details), self.refused)


def load(options: AnySentiment, device: Device) -> tuple[Backend, str, dict[str, str]]:
    """The classifier that the options name, its name for clients, and how it is run.

    Raises:
        songdalle_core.artifacts.ModelMissing: it is not to be had.
        ValueError: its labels are not those of the options.
    """
    if isinstance(options, ClassifierOptions):
        morphology.warm_up()
        return MoodClassifier.load(options.weights), options.backend, {}
    from deployments.stages.pretrained import described, source_of
    from songdalle_core.sentiment.encoder import load_classifier
    from songdalle_core.sentiment.kobert import load_kobert

    source = source_of(options, device)
    read = load_kobert if isinstance(options, KoBertOptions) else load_classifier
    limits = {"max_length": options.max_length, "batch_tokens": options.batch_tokens}
    return read(source, options.labels, **limits), *described(options, source)
