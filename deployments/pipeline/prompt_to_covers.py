"""From a prompt to finished candidates: drawn, scored, labelled; those withheld by policy drawn anew.

When somebody listens, candidates are scored and shown as they come; otherwise all at once, which costs least.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from deployments.contract.errors import Disallowed, StageUnavailable
from deployments.contract.events import Emit, Judged, Previewed
from deployments.contract.messages import CandidatePixels, DrawRequest, Judgement
from deployments.pipeline.stage_calls import StageCalls, beside
from deployments.telemetry import metrics
from deployments.telemetry.request_clock import RequestClock
from songdalle_core.drawings import CoverDrawing
from songdalle_core.provenance import (
    CoverMetadata,
    covered_corner,
    encode_png,
    encode_webp,
    upscaled,
)
from songdalle_core.seeds import CoverSeeds

PREVIEW_SIDE = 192


@dataclass(frozen=True)
class Candidate:
    """A finished candidate; `png` is enlarged and labelled.

    Attributes:
        withheld: the subject for which it must not be shown, or None; then `png` is empty.
        drawing: what it was drawn from (`songdalle_core.drawings`).
    """

    drawn: CandidatePixels
    score: float
    png: bytes
    withheld: str | None = None
    drawing: bytes = b""


@dataclass(frozen=True)
class CandidateFiles:
    """What is made of a candidate: its PNG, what it was drawn from, and a data URL if somebody listens."""

    png: bytes
    drawing: bytes
    preview: str


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
        model: the generator's name, for the pictures' metadata.
        upscale: whole factor from the generator's pictures to the PNGs, for those that no finish painted.
        emit: takes previews and judged candidates; None when nobody listens.
        looked_at: whether the reranker may withhold covers; then it judges previews as well.
    """

    def __init__(
        self,
        calls: StageCalls,
        model: str,
        upscale: int,
        clock: RequestClock,
        emit: Emit | None,
        looked_at: bool = False,
    ) -> None:
        self._calls = calls
        self._model = model
        self._upscale = upscale
        self._clock = clock
        self._emit = emit
        self._looked_at = looked_at

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
        drawn: asyncio.Queue[CandidatePixels] = asyncio.Queue()
        at_once = 1 if self._emit else request.candidates
        judging = self._judge(request, summary, drawn, at_once)
        _, judged = await beside(self._generate(request, places, drawn), judging)
        return sorted(judged, key=lambda candidate: candidate.drawn.candidate)

    async def _generate(
        self, request: DrawRequest, places: Sequence[int], drawn: asyncio.Queue[CandidatePixels]
    ) -> None:
        """Put each finished candidate into `drawn`, once, even if a replica dies between them."""
        finished: set[int] = set()

        async def attempt() -> None:
            async with aclosing(self._pixels(request)) as stream:
                async for pixels in stream:
                    placed = replace(pixels, candidate=places[pixels.candidate])
                    if placed.fraction < 1:
                        await self._preview(request.prompt, placed)
                    elif placed.candidate not in finished:
                        finished.add(placed.candidate)
                        drawn.put_nowait(placed)
            if len(finished) < request.candidates:
                missing = f"only {len(finished)} of {request.candidates} covers were drawn"
                raise StageUnavailable(missing)

        with self._clock.stage("generate"):
            await self._calls.call("generator", attempt)

    async def _pixels(self, request: DrawRequest) -> AsyncGenerator[CandidatePixels]:
        generator = self._calls.stages.generator.options(stream=True)
        stream: AsyncIterator[CandidatePixels] = generator.draw.remote(request)
        try:
            async for pixels in stream:
                yield pixels
        except BaseException:
            if hasattr(stream, "cancel"):  # a time-out here must stop the drawing there
                stream.cancel()
            raise

    async def _judge(
        self,
        request: DrawRequest,
        summary: str,
        drawn: asyncio.Queue[CandidatePixels],
        at_once: int,
    ) -> list[Candidate]:
        """Score and label what is drawn, `at_once` candidates together or more if more wait."""
        judged: list[Candidate] = []
        waited: float | None = None
        while len(judged) < request.candidates:
            batch = [await drawn.get()]
            while len(batch) < at_once or not drawn.empty():
                batch.append(await drawn.get())
            if waited is None and not request.first:
                waited = batch[0].waited
                self._clock.note("queue", waited)
            images = np.stack([candidate.pixels for candidate in batch])
            judgements, files = await beside(
                self._rerank(request.prompt, images, summary),
                self._label(request.prompt, batch),
            )
            for pixels, judgement, file in zip(batch, judgements, files, strict=True):
                if judgement.withheld:
                    judged.append(Candidate(pixels, judgement.score, b"", judgement.withheld))
                else:
                    score = judgement.score
                    judged.append(Candidate(pixels, score, file.png, drawing=file.drawing))
                    self._show(judged[-1], file.preview)
        return judged

    async def _rerank(
        self, prompt: str, images: npt.NDArray[np.uint8], summary: str
    ) -> list[Judgement]:
        judge = self._calls.stages.reranker.judge
        with self._clock.stage("rerank"):
            return await self._calls.call("reranker", lambda: judge.remote(prompt, images, summary))

    async def _label(self, prompt: str, batch: Sequence[CandidatePixels]) -> list[CandidateFiles]:
        """The files of each candidate."""

        def encode() -> list[CandidateFiles]:
            files = []
            for candidate in batch:
                metadata = CoverMetadata(prompt, candidate.seed, self._model)
                picture = upscaled(candidate.pixels, 1 if candidate.painted else self._upscale)
                seeds = candidate.seeds or CoverSeeds.of(candidate.seed)
                drawing = CoverDrawing(seeds, candidate.codes, covered_corner(picture))
                files.append(
                    CandidateFiles(
                        encode_png(picture, metadata),
                        drawing.packed(),
                        data_url(candidate.pixels) if self._emit else "",
                    )
                )
            return files

        with self._clock.stage("label"):
            return await asyncio.to_thread(encode)

    async def _preview(self, prompt: str, unfinished: CandidatePixels) -> None:
        if self._emit is None:
            return
        if self._looked_at:
            (judgement,) = await self._rerank(prompt, unfinished.pixels[None], "")
            if judgement.withheld:
                return
        image = await asyncio.to_thread(data_url, unfinished.pixels, PREVIEW_SIDE)
        self._emit(
            Previewed(
                candidate=unfinished.candidate,
                seed=unfinished.seed,
                fraction=unfinished.fraction,
                image=image,
            )
        )

    def _show(self, candidate: Candidate, image: str) -> None:
        if self._emit is not None:
            drawn, score = candidate.drawn, candidate.score
            self._emit(Judged(candidate=drawn.candidate, seed=drawn.seed, score=score, image=image))


def data_url(pixels: npt.NDArray[np.uint8], side: int | None = None) -> str:
    """A labelled WebP of the picture, at most `side` pixels a side, that a page can show as it is."""
    return "data:image/webp;base64," + base64.b64encode(encode_webp(pixels, side=side)).decode()


def _listed(subjects: Sequence[str]) -> str:
    return ", ".join(subject.replace("_", " ") for subject in dict.fromkeys(subjects))
