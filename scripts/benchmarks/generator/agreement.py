"""How often the same seeds draw the same covers when widths, threads or runtimes differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from scripts.benchmarks.generator.measure import TIMEOUT
from scripts.benchmarks.generator.shapes import PROMPT
from songdalle_core.imagegen.engine.engine import Drawn, Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.runtimes.runtime import RuntimeName, choose_runtime


@dataclass(frozen=True)
class Way:
    """A way to draw."""

    runtime: RuntimeName
    width: int
    threads: int

    def __str__(self) -> str:
        return f"{self.runtime}, width {self.width}, {self.threads} threads"


@dataclass(frozen=True)
class Agreement:
    """Shares of the seeds: with all codes the same, and with all pixels the same."""

    first: Way
    second: Way
    codes: float
    pixels: float


WAYS = (
    (Way("native", 12, 2), Way("native", 12, 2)),
    (Way("native", 12, 2), Way("native", 5, 2)),
    (Way("native", 12, 2), Way("native", 12, 1)),
    (Way("torch", 12, 2), Way("torch", 12, 2)),
    (Way("torch", 12, 2), Way("torch", 24, 2)),
    (Way("native", 12, 2), Way("torch", 12, 2)),
)


def measure_agreement(
    generator: Generator, candidates: int, ways: Iterable[tuple[Way, Way]] = WAYS
) -> Iterator[Agreement]:
    """The same request drawn in pairs of ways; a way beside itself is drawn again."""
    drawn: dict[Way, list[Drawn]] = {}
    for first, second in ways:
        one = drawn[first] if first in drawn else _draw(generator, first, candidates)
        drawn[first] = one
        if second not in drawn or first == second:
            drawn[second] = _draw(generator, second, candidates)
        pairs = list(zip(one, drawn[second], strict=True))
        codes = sum(np.array_equal(a.latents, b.latents) for a, b in pairs) / candidates
        pixels = sum(np.array_equal(a.layers, b.layers) for a, b in pairs) / candidates
        yield Agreement(first, second, codes, pixels)


def _draw(generator: Generator, way: Way, candidates: int) -> list[Drawn]:
    runtime = choose_runtime(way.runtime, "cpu", way.threads)
    request = GenerationRequest(PROMPT, candidates, 0, generator.sampling)
    with Engine(generator, EngineOptions(slots=way.width, width=way.width), runtime) as engine:
        return engine.draw(request, TIMEOUT)
