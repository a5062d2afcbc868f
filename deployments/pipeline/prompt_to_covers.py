"""From a prompt to finished candidates: drawn, scored, labelled.

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

from deployments.contract.errors import StageUnavailable
from deployments.contract.events import Judged, Previewed, Tell
from deployments.contract.messages import Drawing, DrawnCover, Judgement
from deployments.pipeline.stage_calls import Caller, beside
from deployments.telemetry.request_clock import Clock
from songdalle_core.provenance import CoverMetadata, encode_png, encode_webp

PREVIEW_SIDE = 128


@dataclass(frozen=True)
class Candidate:
    """A finished candidate; `png` is enlarged and labelled.

    Attributes:
        withheld: the subject for which it must not be shown, or None; then `png` is empty.
    """

    drawn: DrawnCover
    score: float
    png: bytes
    withheld: str | None = None


class Candidates:
    """Makes the candidates of one request.

    Args:
        model: the generator's name, for the pictures' metadata.
        upscale: whole factor from the generator's pictures to the PNGs.
        tell: hears previews and judged candidates; None when nobody listens.
        looked_at: whether the reranker may withhold covers; then it judges previews as well.
    """

    def __init__(
        self,
        caller: Caller,
        model: str,
        upscale: int,
        clock: Clock,
        tell: Tell | None,
        looked_at: bool = False,
    ) -> None:
        self._caller = caller
        self._model = model
        self._upscale = upscale
        self._clock = clock
        self._tell = tell
        self._looked_at = looked_at

    async def make(
        self, drawing: Drawing, summary: str, places: Sequence[int] | None = None
    ) -> list[Candidate]:
        """All candidates, in the order of their numbers.

        Args:
            drawing: what to draw.
            summary: in the song's own language, for rerankers that read it.
            places: numbers by which the candidates go from here on; None: 0, 1, ...

        Raises:
            CoverError: a stage failed.
        """
        drawn: asyncio.Queue[DrawnCover] = asyncio.Queue()
        at_once = 1 if self._tell else drawing.candidates
        numbers = places or range(drawing.candidates)
        judging = self._judge(drawing, summary, drawn, at_once)
        _, judged = await beside(self._draw(drawing, numbers, drawn), judging)
        return sorted(judged, key=lambda candidate: candidate.drawn.candidate)

    async def _draw(
        self, drawing: Drawing, numbers: Sequence[int], drawn: asyncio.Queue[DrawnCover]
    ) -> None:
        """Put each finished candidate into `drawn`, once, even if a replica dies between them."""
        seen: set[int] = set()

        async def attempt() -> None:
            async with aclosing(self._pictures(drawing)) as pictures:
                async for picture in pictures:
                    cover = replace(picture, candidate=numbers[picture.candidate])
                    if cover.fraction < 1:
                        await self._preview(drawing.prompt, cover)
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
            if waited is None and not drawing.first:
                waited = batch[0].waited
                self._clock.note("queue", waited)
            images = np.stack([cover.pixels for cover in batch])
            judgements, files = await beside(
                self._look(drawing.prompt, images, summary),
                self._label(drawing.prompt, batch),
            )
            for cover, said, (png, shown) in zip(batch, judgements, files, strict=True):
                if said.withheld:
                    judged.append(Candidate(cover, said.score, b"", said.withheld))
                else:
                    judged.append(Candidate(cover, said.score, png))
                    self._show(judged[-1], shown)
        return judged

    async def _look(
        self, prompt: str, images: npt.NDArray[np.uint8], summary: str
    ) -> list[Judgement]:
        judge = self._caller.stages.reranker.judge
        with self._clock.stage("rerank"):
            return await self._caller.call(
                "reranker", lambda: judge.remote(prompt, images, summary)
            )

    async def _label(self, prompt: str, drawn: Sequence[DrawnCover]) -> list[tuple[bytes, str]]:
        """The PNG of each picture, and a data URL of it if somebody listens."""

        def encode() -> list[tuple[bytes, str]]:
            files = []
            for cover in drawn:
                metadata = CoverMetadata(prompt, cover.seed, self._model)
                png = encode_png(cover.pixels, metadata, upscale=self._upscale)
                files.append((png, data_url(cover.pixels) if self._tell else ""))
            return files

        with self._clock.stage("label"):
            return await asyncio.to_thread(encode)

    async def _preview(self, prompt: str, cover: DrawnCover) -> None:
        if self._tell is None:
            return
        if self._looked_at:
            (said,) = await self._look(prompt, cover.pixels[None], "")
            if said.withheld:
                return
        image = await asyncio.to_thread(data_url, cover.pixels, PREVIEW_SIDE)
        self._tell(
            Previewed(
                candidate=cover.candidate, seed=cover.seed, fraction=cover.fraction, image=image
            )
        )

    def _show(self, candidate: Candidate, image: str) -> None:
        if self._tell is not None:
            drawn, score = candidate.drawn, candidate.score
            self._tell(Judged(candidate=drawn.candidate, seed=drawn.seed, score=score, image=image))


def data_url(pixels: npt.NDArray[np.uint8], side: int | None = None) -> str:
    """A labelled WebP of the picture, at most `side` pixels a side, that a page can show as it is."""
    return "data:image/webp;base64," + base64.b64encode(encode_webp(pixels, side=side)).decode()
