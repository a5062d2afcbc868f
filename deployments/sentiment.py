"""Sentiment: the mood of a song."""

from __future__ import annotations

from typing import Any

from ray import serve

from deployments.batching import each_on_its_own, tune, unwrap
from deployments.messages import StageInfo
from deployments.options import ClassifierOptions
from deployments.tunables import BatchTunables
from deployments.worker import Worker
from songdalle_core import morphology
from songdalle_core.sentiment import MoodClassifier
from songdalle_core.sentiment import Sentiment as Mood

WARM_UP = "너 없는 밤 눈물만 흘러"


@serve.deployment(
    name="Sentiment",
    num_replicas=1,
    max_ongoing_requests=32,
    max_queued_requests=200,
    graceful_shutdown_timeout_s=60,
    health_check_period_s=10,
    health_check_timeout_s=30,
    ray_actor_options={"num_cpus": 0.1, "num_gpus": 0},
)
class Sentiment:
    """Classifies cleaned lyrics into the five moods."""

    def __init__(self, options: ClassifierOptions) -> None:
        self._backend = options.backend
        self._model = MoodClassifier.load(options.weights)
        self._worker = Worker("sentiment")
        morphology.warm_up()
        self._classify_many([WARM_UP])

    def reconfigure(self, user_config: dict[str, Any]) -> None:
        """Take over a changed `user_config`."""
        tune(self._batch, BatchTunables.model_validate(user_config))

    async def classify(self, text: str) -> Mood:
        """Mood scores of one cleaned lyric."""
        outcome: Mood | Exception = await self._batch(text)
        return unwrap(outcome)

    @serve.batch(max_batch_size=8, batch_wait_timeout_s=0.005)
    async def _batch(self, texts: list[str]) -> list[Mood | Exception]:
        return await self._worker.run(each_on_its_own, self._classify_many, texts)

    def _classify_many(self, texts: list[str]) -> list[Mood]:
        return self._model.classify_many(texts)

    async def describe(self) -> StageInfo:
        """Classify a line and say what runs here."""
        await self.classify(WARM_UP)
        return StageInfo("sentiment", self._backend)

    async def check_health(self) -> None:
        """The event loop answers: that is all there is to check."""
