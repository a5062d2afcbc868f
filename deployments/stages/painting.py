"""Painting: what the engine draws becomes covers, painted and encoded on other threads, while it draws on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from deployments.contract.messages import CandidatePicture, DrawRequest
from deployments.stages.encoding import picture_of, preview_of
from songdalle_core.covers import Painter
from songdalle_core.imagegen.engine.requests import Drawn, Failed, Preview


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
        prompt, seed, layers = drawing.prompt, drawn.seed, drawn.layers
        if isinstance(drawn, Preview):
            pixels = (
                layers[0] if self.painter is None else self.painter.sketch(prompt, seed, layers)
            )
            sketch = preview_of(pixels, drawing, drawn.candidate, seed, drawn.fraction)
            return Painted(sketch, drawn.lag)
        pixels = layers[0] if self.painter is None else self.painter.paint(prompt, seed, layers)
        upscale = drawing.delivery.upscale if self.painter is None else 1
        return Painted(picture_of(pixels, drawing, drawn.candidate, seed, self._model, upscale))

    def stop(self) -> None:
        """Paint no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
