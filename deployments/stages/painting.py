"""Painting: what the engine draws becomes covers, painted and encoded on other threads, while it draws on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deployments.contract.messages import CandidatePicture, DrawRequest
from deployments.stages.encoding import picture_of, preview_of
from songdalle_core.covers import Painter
from songdalle_core.imagegen.engine.requests import Drawn, Failed, Preview
from songdalle_core.seeds import CoverSeeds


@dataclass(frozen=True)
class Painted:
    """A candidate as it is shown, and the seconds between being drawn so far and being decoded."""

    picture: CandidatePicture
    lag: float = 0.0


class Painting:
    """Paints one request's candidates after another's.

    Args:
        painter: None leaves pictures as they were drawn.
        model: the generator's name, for the pictures' metadata.
        threads: candidates painted at once.
    """

    def __init__(self, painter: Painter | None, model: str, threads: int) -> None:
        self.painter = painter
        self._model = model
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="painting")

    def submit(
        self,
        drawing: DrawRequest,
        drawn: Drawn | Preview,
        unwanted: threading.Event,
        emit: Callable[[Painted | Failed], None],
    ) -> None:
        """Paint what was drawn for a request and call `emit` with it, unless it is unwanted by then."""

        def paint() -> None:
            if unwanted.is_set():
                return
            try:
                emit(self._painted(drawing, drawn))
            except Exception as error:  # whatever it is, the request must not wait for ever
                emit(Failed(error))

        self._pool.submit(paint)

    def _painted(self, drawing: DrawRequest, drawn: Drawn | Preview) -> Painted:
        prompt, candidate, seed, layers = drawing.prompt, drawn.candidate, drawn.seed, drawn.layers
        seeds = drawn.seeds or CoverSeeds.of(seed)
        painter = self.painter
        if isinstance(drawn, Preview):
            pixels = layers[0] if painter is None else painter.sketch(prompt, seeds, layers)
            sketch = preview_of(pixels, drawing, candidate, seed, drawn.fraction)
            return Painted(sketch, drawn.lag)
        pixels = layers[0] if painter is None else painter.paint(prompt, seeds, layers)
        upscale = drawing.delivery.upscale if painter is None else 1
        picture = picture_of(
            pixels, drawing, candidate, seed, self._model, upscale, seeds, codes_of(drawn)
        )
        return Painted(picture)

    def stop(self) -> None:
        """Paint no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def codes_of(drawn: Drawn) -> npt.NDArray[np.uint16] | None:
    """The codes that a candidate was decoded from; None of a denoiser's, whose latents are fractions."""
    if not np.issubdtype(drawn.latents.dtype, np.integer):
        return None
    return drawn.latents.astype(np.uint16)
