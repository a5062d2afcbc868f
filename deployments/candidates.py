"""From a prompt to finished candidates: drawn, scored, labelled.

When somebody listens, candidates are scored and shown as they come; otherwise all at once, which costs least.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deployments.errors import StageUnavailable
from deployments.events import Judged, Previewed, Tell
from deployments.messages import Drawing, DrawnCover
from deployments.observation import Clock
from deployments.stages import Caller, beside
from songdalle_core.provenance import CoverMetadata, encode_png, encode_webp

PREVIEW_SIDE = 128


@dataclass(frozen=True)
class Candidate:
    """A finished candidate; `png` is enlarged and labelled."""

    drawn: DrawnCover
    score: float
    png: bytes


class Candidates:
    """Makes the candidates of one request.

    Args:
        model: the generator's name, for the pictures' metadata.
        upscale: whole factor from the generator's pictures to the PNGs.
        tell: hears previews and judged candidates; None when nobody listens.
    """

    def __init__(
        self, caller: Caller, model: str, upscale: int, clock: Clock, tell: Tell | None
    ) -> None:
        self._caller = caller
        self._model = model
        self._upscale = upscale
        self._clock = clock
        self._tell = tell

    async def make(self, drawing: Drawing, summary: str) -> list[Candidate]:
        """All candidates, in the order of their numbers.

        Args:
            summary: in the song's own language, for rerankers that read it.

        Raises:
            CoverError: a stage failed.
        """
        drawn: asyncio.Queue[DrawnCover] = asyncio.Queue()
        at_once = 1 if self._tell else drawing.candidates
        judging = self._judge(drawing, summary, drawn, at_once)
        _, judged = await beside(self._draw(drawing, drawn), judging)
        return sorted(judged, key=lambda candidate: candidate.drawn.candidate)

    async def _draw(self, drawing: Drawing, drawn: asyncio.Queue[DrawnCover]) -> None:
        """Put each finished candidate into `drawn`, once, even if a replica dies between them."""
        seen: set[int] = set()

        async def attempt() -> None:
            async with aclosing(self._pictures(drawing)) as pictures:
                async for cover in pictures:
                    if cover.fraction < 1:
                        await self._preview(cover)
                    elif cover.candidate not in seen:
                        seen.add(cover.candidate)
                        drawn.put_nowait(cover)
            if len(seen) < drawing.candidates:
                missing = f"only {len(seen)} of {drawing.candidates} covers were drawn"
                raise StageUnavailable(missing)

        with self._clock.stage("generate"):
            await self._caller.call("generator", attempt)

    async def _pictures(self, drawing: Drawing) -> AsyncGenerator[DrawnCover]:
        generator = self._caller.stages.generator.options(stream=True)
        stream: AsyncIterator[DrawnCover] = generator.draw.remote(drawing)
        try:
            async for cover in stream:
                yield cover
        except BaseException:
            if hasattr(stream, "cancel"):  # a time-out here must stop the drawing there
                stream.cancel()
            raise

    async def _judge(
        self, drawing: Drawing, summary: str, drawn: asyncio.Queue[DrawnCover], at_once: int
    ) -> list[Candidate]:
        """Score and label what is drawn, `at_once` candidates together or more if more wait."""
        judged: list[Candidate] = []
        waited: float | None = None
        while len(judged) < drawing.candidates:
            batch = [await drawn.get()]
            while len(batch) < at_once or not drawn.empty():
                batch.append(await drawn.get())
            if waited is None:
                waited = batch[0].waited
                self._clock.note("queue", waited)
            images = np.stack([cover.pixels for cover in batch])
            scores, files = await beside(
                self._score(drawing.prompt, images, summary),
                self._label(drawing.prompt, batch),
            )
            found = [Candidate(*parts) for parts in zip(batch, scores, files, strict=True)]
            await self._show(found)
            judged += found
        return judged

    async def _score(self, prompt: str, images: npt.NDArray[np.uint8], summary: str) -> list[float]:
        score = self._caller.stages.reranker.score
        with self._clock.stage("rerank"):
            return await self._caller.call(
                "reranker", lambda: score.remote(prompt, images, summary)
            )

    async def _label(self, prompt: str, drawn: Sequence[DrawnCover]) -> list[bytes]:
        def encode() -> list[bytes]:
            return [
                encode_png(
                    cover.pixels,
                    CoverMetadata(prompt, cover.seed, self._model),
                    upscale=self._upscale,
                )
                for cover in drawn
            ]

        with self._clock.stage("label"):
            return await asyncio.to_thread(encode)

    async def _preview(self, cover: DrawnCover) -> None:
        if self._tell is None:
            return
        image = await asyncio.to_thread(data_url, cover.pixels, PREVIEW_SIDE)
        self._tell(
            Previewed(
                candidate=cover.candidate, seed=cover.seed, fraction=cover.fraction, image=image
            )
        )

    async def _show(self, found: Sequence[Candidate]) -> None:
        if self._tell is None:
            return
        for candidate in found:
            drawn = candidate.drawn
            image = await asyncio.to_thread(data_url, drawn.pixels)
            self._tell(
                Judged(
                    candidate=drawn.candidate, seed=drawn.seed, score=candidate.score, image=image
                )
            )


def data_url(pixels: npt.NDArray[np.uint8], side: int | None = None) -> str:
    """A labelled WebP of the picture, at most `side` pixels a side, that a page can show as it is."""
    return "data:image/webp;base64," + base64.b64encode(encode_webp(pixels, side=side)).decode()
