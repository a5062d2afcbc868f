"""Lyrics in, ranked covers out: the order of the stages.

clean -+- summarise - translate -+- prompt - generate - rerank - store
       +- sentiment -------------+
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from deployments.config.pictures import PolicyOptions
from deployments.contract.covers import (
    MAX_SEED,
    Cover,
    CoverRequest,
    CoverSet,
    Parent,
    SentimentScores,
    image_url,
)
from deployments.contract.errors import NotFound, Unfit
from deployments.contract.events import Emit, Event
from deployments.contract.messages import Delivery, DrawRequest, KeptCover, Rectangle
from deployments.pipeline import policy
from deployments.pipeline.lyrics_to_prompt import PromptDraft, PromptWriter, warm_up
from deployments.pipeline.prompt_to_covers import Candidate, CandidateDrawer
from deployments.pipeline.stage_calls import StageCalls, Stages
from deployments.storage.pictures import ImageStore
from deployments.telemetry import metrics
from deployments.telemetry.request_clock import RequestClock, observed
from songdalle_core.drawings import CoverDrawing
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
        self.calls = StageCalls(stages)
        self.store = store
        self.upscale = upscale
        self.rules = rules or PolicyOptions()
        warm_up()

    async def make(
        self,
        request: CoverRequest,
        id: str | None = None,
        emit: Emit | None = None,
        clock: RequestClock | None = None,
    ) -> CoverSet:
        """Covers for one request, stored.

        Args:
            request: what is asked for.
            id: of the set; a new one unless given.
            emit: takes the events of `deployments.contract.events` as they happen, on the event loop;
                previews are drawn and candidates scored one by one only if somebody listens.
            clock: times the stages, for who wants to look at it meanwhile.

        Raises:
            CoverError: one of `deployments.contract.errors`, for the client.
        """
        with observed(request.candidates, clock) as clock:
            return await self._make(request, id or uuid.uuid4().hex, clock, emit)

    async def _make(
        self, request: CoverRequest, id: str, clock: RequestClock, emit: Emit | None
    ) -> CoverSet:
        seed = request.seed if request.seed is not None else secrets.randbelow(MAX_SEED + 1)
        models = await self.calls.models()
        draft = await PromptWriter(self.calls, request, clock, emit or _ignore).write()
        if self.rules.prompts:
            policy.refuse(draft.prompt, request)
        drawing = DrawRequest(
            draft.prompt,
            request.candidates,
            seed,
            request.temperature,
            request.top_k,
            request.top_p,
            previews=_previews(request.candidates) if emit else 0,
            delivery=await self._delivery(request.candidates, streamed=emit is not None),
            kept=await self._kept(request.parent),
        )
        drawer = CandidateDrawer(self.calls, clock, emit)
        field = "lyrics" if request.prompt is None else "prompt"
        drawn = await drawer.draw(drawing, draft.summary, self.rules.rounds, field)
        clock.delivered = len(drawn.candidates)
        for candidate in drawn.candidates:
            metrics.SCORE.observe(max(0.0, candidate.score))
        ranked = sorted(drawn.candidates, key=lambda c: -c.score)  # ties in the order drawn
        with clock.stage("store"):
            files = [c.drawn.png for c in ranked], [c.drawn.drawing for c in ranked]
            await asyncio.to_thread(self.store.save, id, *files)
        covers = _cover_set(request.model_copy(update={"seed": seed}), id, draft, models, ranked)
        notes = {"withheld": len(drawn.withheld), "note": drawn.note(request.candidates)}
        return covers.model_copy(update={**notes, "timings": clock.timings()})

    async def _delivery(self, candidates: int, streamed: bool) -> Delivery:
        """The forms in which pictures are wanted; what the reranker may withhold it sees before it is shown."""
        side = int((await self.calls.infos())["reranker"].details.get("side", 0))
        looked_at = self.rules.pictures or self.rules.nudenet
        half = -(-candidates // 2)
        return Delivery(streamed, half, side, streamed and looked_at, self.upscale)

    async def _kept(self, parent: Parent | None) -> KeptCover | None:
        """What is taken over from the cover that covers are to be like.

        Raises:
            Unfit: nothing was kept of it.
        """
        if parent is None or parent.rank is None:
            return None
        try:
            content = await asyncio.to_thread(self.store.drawing, parent.id, parent.rank)
            drawing = CoverDrawing.unpacked(content)
        except (NotFound, ValueError):
            message = (
                "nothing was kept of how this cover was drawn: choose one that was drawn since"
            )
            raise Unfit(message, "parent.rank") from None
        if drawing.codes is None:
            raise Unfit("this generator's covers have no codes to keep", "parent.rank")
        part, shape = parent.part, drawing.codes.shape
        if part is not None and (
            part.layer >= shape[0]
            or part.top + part.height > shape[1]
            or part.left + part.width > shape[2]
        ):
            raise Unfit(
                f"the drawing has {shape[0]} layers of {shape[1]} x {shape[2]}", "parent.part"
            )
        if part is not None:
            region = Rectangle(**part.model_dump())
            return KeptCover(drawing.seeds, drawing.codes, 1.0, region, True, True)
        return KeptCover(
            drawing.seeds,
            drawing.codes,
            parent.codes,
            composition=parent.composition,
            finish=parent.finish,
        )


def _cover_set(
    request: CoverRequest,
    id: str,
    draft: PromptDraft,
    models: dict[str, str],
    ranked: Sequence[Candidate],
) -> CoverSet:
    assert request.seed is not None
    return CoverSet(
        id=id,
        created_at=datetime.now(UTC),
        status="done",
        title=request.title,
        artist=request.artist,
        lyrics=request.lyrics,
        language=draft.clean.language,
        summary=draft.summary,
        translation=draft.translation,
        words=draft.notes,
        sentiment=SentimentScores(label=draft.sentiment.label, scores=dict(draft.sentiment.scores)),
        style=request.style,
        prompt=draft.prompt,
        seed=request.seed,
        parent=request.parent,
        models=models,
        timings={},
        covers=[
            Cover(rank=rank, score=c.score, seed=c.drawn.seed, url=image_url(id, rank))
            for rank, c in enumerate(ranked, start=1)
        ],
        notice=NOTICE,
    )


def _previews(candidates: int) -> int:
    return PREVIEWS if candidates >= FEWEST else FEWEST


def _ignore(_: Event) -> None:
    """Takes an event that nobody listens to."""
