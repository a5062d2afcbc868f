"""Painting: what the engine draws becomes covers, on threads of its own, while it draws on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from songdalle_core.covers import Painter
from songdalle_core.imagegen.engine.requests import Drawn, Failed, Preview
from songdalle_core.seeds import CoverSeeds


@dataclass(frozen=True)
class Painted:
    """A candidate as it is shown: pixels uint8 (S, S, 3), and the `fraction` of it that is drawn.

    Attributes:
        lag: seconds between being drawn so far and being decoded.
        seeds: by which its parts are decided.
        codes: of a finished one, (N, h, w, D).
    """

    candidate: int
    seed: int
    pixels: npt.NDArray[np.uint8]
    fraction: float = 1.0
    lag: float = 0.0
    seeds: CoverSeeds | None = None
    codes: npt.NDArray[np.int64] | None = None


class Painting:
    """Paints one request's candidates after another's.

    Args:
        painter: None leaves pictures as they were drawn.
        threads: candidates painted at once.
    """

    def __init__(self, painter: Painter | None, threads: int) -> None:
        self.painter = painter
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="painting")

    def submit(
        self,
        prompt: str,
        drawn: Drawn | Preview,
        unwanted: threading.Event,
        emit: Callable[[Painted | Failed], None],
    ) -> None:
        """Paint what was drawn of a prompt and call `emit` with it, unless it is unwanted by then."""

        def paint() -> None:
            if unwanted.is_set():
                return
            try:
                emit(self._painted(prompt, drawn))
            except Exception as error:  # whatever it is, the request must not wait for ever
                emit(Failed(error))

        self._pool.submit(paint)

    def _painted(self, prompt: str, drawn: Drawn | Preview) -> Painted:
        candidate, seed, layers = drawn.candidate, drawn.seed, drawn.layers
        seeds = drawn.seeds or CoverSeeds.of(seed)
        painter = self.painter
        if isinstance(drawn, Preview):
            pixels = layers[0] if painter is None else painter.sketch(prompt, seeds, layers)
            return Painted(candidate, seed, pixels, drawn.fraction, drawn.lag, seeds)
        pixels = layers[0] if painter is None else painter.paint(prompt, seeds, layers)
        return Painted(candidate, seed, pixels, seeds=seeds, codes=drawn.codes)

    def stop(self) -> None:
        """Paint no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
