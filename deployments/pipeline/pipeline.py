"""Lyrics in, ranked covers out: the order of the stages.

clean -+- summarise - translate -+- prompt - generate - rerank -+- store
       +- sentiment -------------+                     label ---+
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from deployments.config.pictures import PolicyOptions
from deployments.contract.covers import Cover, CoverRequest, CoverSet, SentimentScores, image_url
from deployments.contract.events import Event, Tell
from deployments.contract.messages import Drawing
from deployments.pipeline import policy
from deployments.pipeline.lyrics_to_prompt import Wording, Words
from deployments.pipeline.prompt_to_covers import Candidate, Candidates
from deployments.pipeline.stage_calls import Caller, Stages
from deployments.storage.pictures import ImageStore
from deployments.telemetry import metrics
from deployments.telemetry.request_clock import Clock, observed
from songdalle_core.provenance import NOTICE

PREVIEWS = 8  # of a set, two rounds of four; a busy generator sends fewer
FEWEST = 4  # of a set too small for rounds


class Pipeline:
    """Runs requests through the stages.

    Args:
        stages: handles to call.
        store: keeps the results.
        upscale: whole factor from the generator's pictures to the PNGs.
        rules: what is not drawn and not shown.
    """

    def __init__(
        self,
        stages: Stages,
        store: ImageStore,
        upscale: int,
        rules: PolicyOptions | None = None,
    ) -> None:
        self.caller = Caller(stages)
        self.store = store
        self.upscale = upscale
        self.rules = rules or PolicyOptions()

    async def make(
        self,
        order: CoverRequest,
        name: str | None = None,
        tell: Tell | None = None,
        clock: Clock | None = None,
    ) -> CoverSet:
        """Covers for one request, stored.

        Args:
            order: what is asked for.
            name: id of the set; a new one unless given.
            tell: hears the events of `deployments.contract.events` as they happen, from the event loop;
                previews are drawn and candidates scored one by one only if somebody listens.
            clock: times the stages, for who wants to look at it meanwhile.

        Raises:
            CoverError: one of `deployments.contract.errors`, for the client.
        """
        with observed(order.candidates, clock) as clock:
            return await self._make(order, name or uuid.uuid4().hex, clock, tell)

    async def _make(
        self, order: CoverRequest, name: str, clock: Clock, tell: Tell | None
    ) -> CoverSet:
        seed = order.seed if order.seed is not None else secrets.randbelow(2**32)
        models = await self.caller.models()
        words = await Wording(self.caller, order, clock, tell or _nobody).words()
        if self.rules.prompts:
            policy.refuse(words.prompt, order)
        drawing = Drawing(
            words.prompt,
            order.candidates,
            seed,
            order.temperature,
            order.top_k,
            order.top_p,
            previews=_previews(order.candidates) if tell else 0,
        )
        looked_at = self.rules.pictures or self.rules.nudenet
        candidates = Candidates(
            self.caller, models["generator"], self.upscale, clock, tell, looked_at
        )
        shown = await policy.shown(candidates, drawing, words.summary, order, self.rules.rounds)
        clock.delivered = len(shown.candidates)
        for candidate in shown.candidates:
            metrics.SCORE.observe(max(0.0, candidate.score))
        ranked = sorted(shown.candidates, key=lambda c: -c.score)  # ties in the order drawn
        made = _cover_set(order.model_copy(update={"seed": seed}), name, words, models, ranked)
        told = {"withheld": len(shown.withheld), "note": shown.note(order.candidates)}
        made = made.model_copy(update=told)
        files = [candidate.png for candidate in ranked]
        with clock.stage("store"):
            await asyncio.to_thread(self.store.save, name, files)
        return made.model_copy(update={"timings": clock.timings()})


def _cover_set(
    order: CoverRequest,
    name: str,
    words: Words,
    models: dict[str, str],
    ranked: Sequence[Candidate],
) -> CoverSet:
    assert order.seed is not None
    return CoverSet(
        id=name,
        created_at=datetime.now(UTC),
        status="done",
        title=order.title,
        artist=order.artist,
        lyrics=order.lyrics,
        language=words.clean.language,
        summary=words.summary,
        translation=words.translation,
        words=words.notes,
        sentiment=SentimentScores(label=words.sentiment.label, scores=dict(words.sentiment.scores)),
        style=order.style,
        prompt=words.prompt,
        seed=order.seed,
        models=models,
        timings={},
        covers=[
            Cover(rank=rank, score=c.score, seed=c.drawn.seed, url=image_url(name, rank))
            for rank, c in enumerate(ranked, start=1)
        ],
        notice=NOTICE,
    )


def _previews(candidates: int) -> int:
    return PREVIEWS if candidates >= FEWEST else FEWEST


def _nobody(_: Event) -> None:
    """Hears nothing."""
