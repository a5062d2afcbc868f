"""How often the same seeds draw the same covers when widths, threads or runtimes differ."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from scripts.benchmarks.generator.measure import TIMEOUT
from scripts.benchmarks.generator.shapes import PROMPT
from songdalle_core.imagegen.engine.engine import (
    Drawn,
    Engine,
    EngineOptions,
    Event,
    GenerationRequest,
)
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
    (Way("openvino", 12, 2), Way("openvino", 12, 2)),
    (Way("openvino", 12, 2), Way("openvino", 24, 2)),
    (Way("openvino", 12, 2), Way("openvino", 12, 1)),
    (Way("native", 12, 2), Way("openvino", 12, 2)),
    (Way("native", 12, 2), Way("torch", 12, 2)),
)


def measure_agreement(
    generator: Generator, candidates: int, ways: Iterable[tuple[Way, Way]] = WAYS
) -> Iterator[Agreement]:
    """The same request drawn in pairs of ways."""
    drawn: dict[Way, list[tuple[np.ndarray, np.ndarray]]] = {}
    for first, second in ways:
        for way in (first, second):
            if way not in drawn or first == second:
                drawn[way], before = _draw(generator, way, candidates), drawn.get(way)
        one = before if first == second and before else drawn[first]
        pairs = list(zip(one, drawn[second], strict=True))
        codes = sum(np.array_equal(a[0], b[0]) for a, b in pairs) / candidates
        pixels = sum(np.array_equal(a[1], b[1]) for a, b in pairs) / candidates
        yield Agreement(first, second, codes, pixels)


def _draw(generator: Generator, way: Way, candidates: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Codes and pixels of each candidate."""
    runtime = choose_runtime(way.runtime, "cpu", way.threads)
    events: queue.Queue[Event] = queue.Queue()
    with Engine(generator, EngineOptions(slots=way.width, width=way.width), runtime) as engine:
        engine.submit(GenerationRequest(PROMPT, candidates, 0, generator.sampling), events.put)
        found: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        while len(found) < candidates:
            event = events.get(timeout=TIMEOUT)
            if not isinstance(event, Drawn):
                raise RuntimeError(f"the engine failed: {event}")
            found[event.candidate] = (event.codes, event.pixels)
    return [found[candidate] for candidate in range(candidates)]
