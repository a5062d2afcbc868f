"""Timed runs: the engine's parts, the engine as a whole, and requests that arrive one after the other."""

from __future__ import annotations

import queue
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import psutil
import torch

from scripts.benchmarks.generator.shapes import PROMPT
from scripts.benchmarks.generator.textbook import Seconds
from songdalle_core.imagegen.engine.engine import (
    Drawn,
    Engine,
    EngineOptions,
    Event,
    Failed,
    GenerationRequest,
    Preview,
)
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.runtimes.runtime import Runtime
from songdalle_core.imagegen.runtimes.torch_runtime import TorchRuntime

TIMEOUT = 1800.0  # s for one set of pictures of the largest shape


@dataclass(frozen=True)
class Measured:
    """Sets of `candidates` pictures drawn by one sampler: medians over the runs, in seconds."""

    candidates: int
    prefill: float
    autoregression: float
    decode: float
    seconds: float
    spread: float  # largest less smallest of `seconds`
    runs: int
    peak_megabytes: float

    @property
    def images_per_second(self) -> float:
        """Pictures a second."""
        return self.candidates / self.seconds

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return {**asdict(self), "images_per_second": self.images_per_second}


@dataclass
class Peak:
    """Largest resident memory of this process seen so far, in MB."""

    megabytes: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look four times a second until stopped: a look takes the time of a tenth of a step."""
        while not self._stop.wait(0.25):
            self.look()

    def look(self) -> None:
        """Look once."""
        self.megabytes = max(self.megabytes, psutil.Process().memory_info().rss / 2**20)

    def stop(self) -> None:
        """End `watch`."""
        self._stop.set()


@contextmanager
def peak_memory() -> Iterator[Peak]:
    """Watch the memory during a block."""
    peak = Peak()
    thread = threading.Thread(target=peak.watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        peak.stop()
        thread.join()
        peak.look()


class Sampler(Protocol):
    """Draws a set at a time."""

    def draw(self, prompt: str, candidates: int, seed: int) -> tuple[torch.Tensor, Seconds]:
        """Pictures, and the time they took."""
        ...


def measure_sampler(sampler: Sampler, candidates: int, runs: int, warm_ups: int) -> Measured:
    """The textbook's sampler or a reference, one request after the other."""
    return _measured(
        lambda seed: sampler.draw(PROMPT, candidates, seed)[1], candidates, runs, warm_ups
    )


def measure_engine(
    generator: Generator, runtime: Runtime, sizes: EngineOptions, candidates: int, runs: int,
    warm_ups: int,
) -> Measured:  # fmt: skip
    """The engine; its parts are timed where they run, and overlap: they may add up to more than the whole."""
    with Engine(generator, sizes, runtime) as engine:
        clock = PartClock(engine)

        def timed_set(seed: int) -> Seconds:
            clock.restart()
            started = time.perf_counter()
            draw_set(engine, candidates, seed)
            clock.whole.append(time.perf_counter() - started)
            return Seconds(**clock.seconds)

        measured = _measured(timed_set, candidates, runs, warm_ups)
        whole = clock.whole[-runs:]
    parts = asdict(measured)
    return Measured(
        **{**parts, "seconds": statistics.median(whole), "spread": max(whole) - min(whole)}
    )


class PartClock:
    """Adds up the seconds that an engine spends in its parts."""

    def __init__(self, engine: Engine) -> None:
        self.whole: list[float] = []
        self.seconds: dict[str, float] = {}
        self.restart()
        for name, owner, method in (
            ("prefill", engine.stepper, "read"),
            ("autoregression", engine, "_step"),
            ("decode", engine, "_decode"),
        ):
            setattr(owner, method, self._timed(name, getattr(owner, method)))

    def restart(self) -> None:
        """Begin a set."""
        self.seconds = dict.fromkeys(("prefill", "autoregression", "decode"), 0.0)

    def _timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*arguments)
            finally:
                self.seconds[name] += time.perf_counter() - started

        return timed


def draw_set(engine: Engine, candidates: int, seed: int) -> None:
    """Draw a set and wait for its last picture; raises what `Engine.draw` raises."""
    engine.draw(GenerationRequest(PROMPT, candidates, seed, engine.generator.sampling), TIMEOUT)


def _measured(
    draw: Callable[[int], Seconds], candidates: int, runs: int, warm_ups: int
) -> Measured:
    for run in range(warm_ups):
        draw(run)
    with peak_memory() as peak:
        seconds = [draw(run) for run in range(runs)]
    totals = [s.total for s in seconds]
    return Measured(
        candidates=candidates,
        prefill=statistics.median(s.prefill for s in seconds),
        autoregression=statistics.median(s.autoregression for s in seconds),
        decode=statistics.median(s.decode for s in seconds),
        seconds=statistics.median(totals),
        spread=max(totals) - min(totals),
        runs=runs,
        peak_megabytes=peak.megabytes,
    )


@dataclass(frozen=True)
class Arrivals:
    """Eight requests of twelve, 100 ms apart: seconds from each one's arrival."""

    images_per_second: float
    mean_to_set: float
    median_to_preview: float


def measure_arrivals(
    engine: Engine,
    *,
    together: bool,
    requests: int = 8,
    candidates: int = 12,
    gap: float = 0.1,
    shown: int = 8,  # previews, as the service asks for
) -> Arrivals:
    """Requests as they come, or each when the one before it is done (`together=False`)."""
    finished: queue.Queue[int] = queue.Queue()
    previews, sets = [0.0] * requests, [0.0] * requests
    began = time.perf_counter()

    def run(number: int, turn: threading.Lock) -> None:
        arrival = began + number * gap
        time.sleep(max(0.0, arrival - time.perf_counter()))
        with turn:
            events: queue.Queue[Event] = queue.Queue()
            asked = GenerationRequest(
                PROMPT, candidates, number, engine.generator.sampling, previews=shown
            )
            engine.submit(asked, events.put)
            left = candidates
            while left:
                event = events.get(timeout=TIMEOUT)
                if isinstance(event, Failed):
                    raise RuntimeError("the engine failed") from event.error
                if not previews[number] and isinstance(event, Preview | Drawn):
                    previews[number] = time.perf_counter() - arrival
                left -= isinstance(event, Drawn)
            sets[number] = time.perf_counter() - arrival
        finished.put(number)

    one = threading.Lock()
    turns = [threading.Lock() if together else one for _ in range(requests)]
    for number, turn in enumerate(turns):
        threading.Thread(target=run, args=(number, turn), daemon=True).start()
    for _ in range(requests):
        finished.get(timeout=TIMEOUT)
    return Arrivals(
        images_per_second=requests * candidates / (time.perf_counter() - began),
        mean_to_set=statistics.fmean(sets),
        median_to_preview=statistics.median(previews),
    )


def set_threads(threads: int, runtime: Runtime) -> None:
    """PyTorch's threads as the service sets them: one where the kernel does the work."""
    torch.set_num_threads(threads if isinstance(runtime, TorchRuntime) else 1)
