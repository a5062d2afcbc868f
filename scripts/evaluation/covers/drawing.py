"""Ranked cover sets, drawn as the service draws them."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

import numpy as np
import numpy.typing as npt

from songdalle_core.covers import cover_of
from songdalle_core.imagegen.engine.engine import Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.runtimes.runtime import choose_runtime
from songdalle_core.reranking import DECIMALS, ClipReranker, best_first


@dataclass(frozen=True)
class CoverSet:
    """Covers of one prompt, best first: pixels uint8 (N, H, W, 3), CLIP scores (N,) and features (N, D)."""

    prompt: str
    pictures: npt.NDArray[np.uint8]
    scores: npt.NDArray[np.float32]
    features: npt.NDArray[np.float32]

    def best(self, count: int) -> CoverSet:
        """The first so many covers."""
        return CoverSet(
            self.prompt, self.pictures[:count], self.scores[:count], self.features[:count]
        )


class Painter:
    """Draws and ranks; a context manager, as it owns an engine."""

    def __init__(
        self, generator: Generator, reranker: ClipReranker, candidates: int, threads: int
    ) -> None:
        sizes = EngineOptions(slots=candidates, width=candidates)
        self.reranker = reranker
        self._sampling = generator.sampling
        self._engine = Engine(generator, sizes, choose_runtime("auto", "cpu", threads))

    def __enter__(self) -> Painter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.stop()

    def paint(self, prompt: str, candidates: int, seed: int) -> CoverSet:
        """The covers of a prompt, with the generator's own sampling."""
        request = GenerationRequest(prompt, candidates, seed, self._sampling)
        drawn = self._engine.draw(request)
        pictures = np.stack([cover_of(self._engine.generator, prompt, one) for one in drawn])
        scores = self.reranker.score(prompt, pictures)
        order = best_first(np.round(scores, DECIMALS))
        features = self.reranker.features(pictures).cpu().numpy()
        return CoverSet(prompt, pictures[order], scores[order], features[order])
