"""From a prompt to finished candidates: drawn and scored; those withheld by policy drawn anew.

When somebody listens, candidates are scored and shown as they come; otherwise they come in
halves, and one is scored while the other is painted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import numpy as np

from deployments.contract.errors import Disallowed, StageUnavailable
from deployments.contract.events import Emit, Judged, Previewed
from deployments.contract.messages import CandidatePicture, DrawRequest, Judgement
from deployments.pipeline.stage_calls import StageCalls, beside
from deployments.telemetry import metrics
from deployments.telemetry.request_clock import RequestClock


@dataclass(frozen=True)
class Candidate:
    """A finished candidate.

    Attributes:
        withheld: the subject for which it must not be shown, or None.
    """

    drawn: CandidatePicture
    score: float
    withheld: str | None = None


@dataclass(frozen=True)
class CandidateSet:
    """The candidates that a request gets, in the order drawn, and the subjects of those withheld."""

    candidates: Sequence[Candidate]
    withheld: Sequence[str] = ()

    def note(self, wanted: int) -> str | None:
        """Why there are fewer covers than wanted; None if there are not."""
        count = len(self.candidates)
        if count == wanted:
            return None
        subjects = _listed(self.withheld)
        return f"{count} of {wanted} covers: the others were withheld by policy ({subjects})"


class CandidateDrawer:
    """Makes the candidates of one request.

    Args:
        emit: takes previews and judged candidates; None when nobody listens.
    """

    def __init__(self, calls: StageCalls, clock: RequestClock, emit: Emit | None) -> None:
        self._calls = calls
        self._clock = clock
        self._emit = emit

    async def draw(
        self, request: DrawRequest, summary: str, rounds: int, field: str
    ) -> CandidateSet:
        """The candidates that may be shown; each that may not is drawn anew, from the next number on.

        Args:
            request: what to draw.
            summary: in the song's own language, for rerankers that read it.
            rounds: how often withheld ones are drawn anew at most; then there are fewer.
            field: of the client's request, that is to be changed if none may be shown.

        Raises:
            Disallowed: none may be shown.
            CoverError: a stage failed.
        """
        shown: list[Candidate] = []
        withheld: list[str] = []
        places: Sequence[int] = range(request.candidates)
        first = request.first
        for _ in range(rounds + 1):
            further = replace(request, candidates=len(places), first=first)
            judged = await self._draw_round(further, summary, places)
            first += len(places)
            shown += [candidate for candidate in judged if candidate.withheld is None]
            withheld += [c.withheld for c in judged if c.withheld is not None]
            places = [c.drawn.candidate for c in judged if c.withheld is not None]
            if not places:
                break
        for subject in withheld:
            metrics.WITHHELD.add(subject=subject)
        if not shown:
            reason = (
                f"all {len(withheld)} covers drawn were withheld by policy ({_listed(withheld)})"
            )
            message = f"{reason}: word the {field} otherwise"
            raise Disallowed(message, field, message)
        return CandidateSet(sorted(shown, key=lambda c: c.drawn.candidate), withheld)

    async def _draw_round(
        self, request: DrawRequest, summary: str, places: Sequence[int]
    ) -> list[Candidate]:
        """All candidates of one call of the generator; `places` are the numbers they go by from here on."""
        drawn: asyncio.Queue[CandidatePicture] = asyncio.Queue()
        judging = self._judge(request, summary, drawn)
        _, judged = await beside(self._generate(request, places, drawn), judging)
        return sorted(judged, key=lambda candidate: candidate.drawn.candidate)

    async def _generate(
        self, request: DrawRequest, places: Sequence[int], drawn: asyncio.Queue[CandidatePicture]
    ) -> None:
        """Put each finished candidate into `drawn`, once, even if a replica dies between them."""
        finished: set[int] = set()

        async def attempt() -> None:
            async with aclosing(self._pictures(request)) as stream:
                async for picture in stream:
                    placed = replace(picture, candidate=places[picture.candidate])
                    if placed.fraction < 1:
                        await self._preview(request, placed)
                    elif placed.candidate not in finished:
                        finished.add(placed.candidate)
                        drawn.put_nowait(placed)
            if len(finished) < request.candidates:
                missing = f"only {len(finished)} of {request.candidates} covers were drawn"
                raise StageUnavailable(missing)

        with self._clock.stage("generate"):
            await self._calls.call("generator", attempt)

    async def _pictures(self, request: DrawRequest) -> AsyncGenerator[CandidatePicture]:
        generator = self._calls.stages.generator.options(stream=True)
        stream: AsyncIterator[Sequence[CandidatePicture]] = generator.draw.remote(request)
        try:
            async for pictures in stream:
                for picture in pictures:
                    yield picture
        except BaseException:
            if hasattr(stream, "cancel"):  # a time-out here must stop the drawing there
                stream.cancel()
            raise

    async def _judge(
        self, request: DrawRequest, summary: str, drawn: asyncio.Queue[CandidatePicture]
    ) -> list[Candidate]:
        """Score what is drawn, together what was handed over together or waits."""
        judged: list[Candidate] = []
        waited: float | None = None
        while len(judged) < request.candidates:
            batch = [await drawn.get()]
            while not drawn.empty():
                batch.append(drawn.get_nowait())
            if waited is None and not request.first:
                waited = batch[0].waited
                self._clock.note("queue", waited)
            for picture, judgement in zip(
                batch, await self._rerank(request.prompt, batch, summary), strict=True
            ):
                judged.append(Candidate(picture, judgement.score, judgement.withheld))
                if not judgement.withheld:
                    self._show(judged[-1])
        return judged

    async def _rerank(
        self, prompt: str, pictures: Sequence[CandidatePicture], summary: str
    ) -> list[Judgement]:
        judge = self._calls.stages.reranker.judge
        images = np.stack([picture.judged for picture in pictures])
        with self._clock.stage("rerank"):
            return await self._calls.call("reranker", lambda: judge.remote(prompt, images, summary))

    async def _preview(self, request: DrawRequest, unfinished: CandidatePicture) -> None:
        if self._emit is None:
            return
        if request.delivery.judged_previews:
            (judgement,) = await self._rerank(request.prompt, [unfinished], "")
            if judgement.withheld:
                return
        self._emit(
            Previewed(
                candidate=unfinished.candidate,
                seed=unfinished.seed,
                fraction=unfinished.fraction,
                image=unfinished.image,
            )
        )

    def _show(self, candidate: Candidate) -> None:
        if self._emit is not None:
            drawn, score = candidate.drawn, candidate.score
            image = drawn.image
            self._emit(Judged(candidate=drawn.candidate, seed=drawn.seed, score=score, image=image))


def _listed(subjects: Sequence[str]) -> str:
    return ", ".join(subject.replace("_", " ") for subject in dict.fromkeys(subjects))
