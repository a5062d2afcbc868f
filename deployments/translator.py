"""Translator: Korean sentences to short English phrases."""

from __future__ import annotations

from typing import Any

from ray import serve

from deployments.batching import each_on_its_own, tune, unwrap
from deployments.messages import StageInfo
from deployments.options import GlossOptions
from deployments.tunables import BatchTunables
from deployments.worker import Worker
from songdalle_core import morphology
from songdalle_core.translation import GlossTranslator, Lexicon, Translation

WARM_UP = "풍선을 타고 날아가는 예쁜 꿈"


@serve.deployment(
    name="Translator",
    num_replicas=1,
    max_ongoing_requests=64,
    max_queued_requests=200,
    graceful_shutdown_timeout_s=60,
    health_check_period_s=10,
    health_check_timeout_s=30,
    ray_actor_options={"num_cpus": 0.1, "num_gpus": 0},
)
class Translator:
    """Glosses through the lexicon."""

    def __init__(self, options: GlossOptions) -> None:
        self._backend = options.backend
        lexicon = Lexicon.load(options.lexicon)
        self._entries = len(lexicon)
        self._model = GlossTranslator(lexicon)
        self._worker = Worker("translator")
        morphology.warm_up()
        self._translate_many([WARM_UP])

    def reconfigure(self, user_config: dict[str, Any]) -> None:
        """Take over a changed `user_config`."""
        tune(self._batch, BatchTunables.model_validate(user_config))

    async def translate(self, sentence: str) -> Translation:
        """English for one sentence; English passes through."""
        outcome: Translation | Exception = await self._batch(sentence)
        return unwrap(outcome)

    @serve.batch(max_batch_size=8, batch_wait_timeout_s=0.005)
    async def _batch(self, sentences: list[str]) -> list[Translation | Exception]:
        return await self._worker.run(each_on_its_own, self._translate_many, sentences)

    def _translate_many(self, sentences: list[str]) -> list[Translation]:
        return self._model.translate_many(sentences)

    async def describe(self) -> StageInfo:
        """Translate a sentence and say what runs here."""
        await self.translate(WARM_UP)
        return StageInfo("translator", self._backend, {"entries": self._entries})

    async def check_health(self) -> None:
        """The event loop answers: that is all there is to check."""
