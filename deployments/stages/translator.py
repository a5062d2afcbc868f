"""Translator: Korean sentences to short English phrases."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from ray import serve

from deployments.config.base import Device
from deployments.config.text import AnyTranslator, GlossOptions, MarianOptions, PapagoOptions
from deployments.config.tuning import Tunable
from deployments.config.user_config import BatchTunables
from deployments.contract.messages import StageInfo
from deployments.stages.batching import BatchedModel
from deployments.telemetry import metrics
from songdalle_core import morphology
from songdalle_core.translation import GlossTranslator, Lexicon, Translation
from songdalle_core.translation.fallback import FallbackTranslator

WARM_UP = "풍선을 타고 날아가는 예쁜 꿈"
LONGEST = " ".join(f"{n}번째 풍선을 타고 날아가는" for n in range(60))

logger = logging.getLogger("ray.serve")


class Backend(Protocol):
    """What the translators have in common."""

    def translate_many(self, texts: Sequence[str]) -> list[Translation]:
        """English for each text."""


@serve.deployment(name="Translator")
class Translator(Tunable[BatchTunables]):
    """Batches sentences for the chosen model."""

    Tunables = BatchTunables

    def __init__(self, options: AnyTranslator, device: Device) -> None:
        self._model, self._name, self._details = load(options, device)
        # what runs here: warming up and answering readiness probes must cost no calls of a paid service
        self._local = (
            self._model.second if isinstance(self._model, FallbackTranslator) else self._model
        )
        self._batched = BatchedModel(
            "translator", self._model.translate_many, LONGEST, warm_up=self._local.translate_many
        )

    async def tune(self, tunables: BatchTunables) -> None:
        """Take over other batches."""
        await self._batched.tune(tunables)

    async def translate(self, sentence: str) -> Translation:
        """English for one sentence; English passes through."""
        return await self._batched.answer(sentence)

    async def describe(self) -> StageInfo:
        """Translate a sentence with what runs here, and say what that is."""
        await self._batched.thread.run(self._local.translate_many, [WARM_UP])
        return StageInfo("translator", self._name, dict(self._details), self.refused)


def load(options: AnyTranslator, device: Device) -> tuple[Backend, str, dict[str, str | int]]:
    """The translator that the options name, its name for clients, and what else there is to know.

    Raises:
        songdalle_core.artifacts.ModelMissing: it is not to be had.
    """
    if isinstance(options, GlossOptions):
        morphology.warm_up()
        lexicon = Lexicon.load(options.lexicon)
        return GlossTranslator(lexicon), options.backend, {"entries": len(lexicon)}
    if isinstance(options, PapagoOptions):
        return _papago(options, device)
    from deployments.stages.pretrained import described, source_of
    from songdalle_core.translation.seq2seq import SearchOptions

    source = source_of(options, device)
    name, details = described(options, source)
    search = SearchOptions(options.max_length, options.num_beams, options.batch_tokens)
    if isinstance(options, MarianOptions):
        from songdalle_core.translation.marian import load_marian

        return load_marian(source, search), name, {**details}
    from songdalle_core.translation.nllb import LICENCE, load_nllb

    logger.warning("The translator %s is %s", name, LICENCE)
    languages = (options.source_language, options.target_language)
    return load_nllb(source, search, *languages), name, {**details, "licence": LICENCE}


def _papago(options: PapagoOptions, device: Device) -> tuple[Backend, str, dict[str, str | int]]:
    """Papago before the translator that stands in for it.

    Raises:
        ValueError: the keys are not in the environment.
    """
    from songdalle_core.translation.breaker import CircuitBreaker
    from songdalle_core.translation.papago import Keys, PapagoLimits, PapagoTranslator

    limits = PapagoLimits(
        options.timeout_s, options.deadline_s, options.attempts, connections=options.connections
    )
    breaker = CircuitBreaker(options.failures, options.rest_s)
    papago = PapagoTranslator(Keys.from_environment(), limits, breaker, options.url)
    second, name, _ = load(options.fallback, device)
    details = {"fallback": name, "attribution": "Translated by NAVER Papago"}
    return FallbackTranslator(papago, second, name, metrics.STAND_INS.add), papago.name, {**details}
