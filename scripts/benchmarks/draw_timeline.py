"""Draw who held which slot when, from a real run of the engine: the picture in docs/engine.md.

    python scripts/benchmarks/draw_timeline.py --out docs/slots.png

Requests of different sizes arrive one after the other; one is cancelled half way.
"""

from __future__ import annotations

import argparse
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import torch

from scripts.benchmarks.generator.shapes import PROMPT, load_shape
from songdalle_core.imagegen.engine.engine import (
    Drawn,
    Engine,
    EngineOptions,
    Event,
    GenerationRequest,
    Job,
)
from songdalle_core.imagegen.runtimes.runtime import RuntimeName, choose_runtime

ARRIVALS = ((0.0, 12), (0.08, 4), (0.16, 12), (0.24, 1), (0.32, 8), (0.45, 12))  # s, candidates
CANCELLED = 2  # this request is cancelled ...
CANCELLED_AFTER = 0.3  # ... so many seconds after its arrival


@dataclass(frozen=True)
class Held:
    """A slot held by a request during one step, seconds from the start."""

    slot: int
    request: int
    begins: float
    ends: float


class Recorder:
    """Notes the holder of every slot at every step of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.held: list[Held] = []
        self.requests: dict[int, int] = {}  # id of a job to its number
        self.origin = time.perf_counter()
        step = engine._step

        def noted() -> None:
            begins = self.now()
            holders = [
                (group * engine.options.width + slot.index, self.requests[id(slot.job)])
                for group, slots in enumerate(list(engine._groups))
                for slot in slots.slots.values()
                if id(slot.job) in self.requests
            ]
            step()
            self.held += [Held(slot, request, begins, self.now()) for slot, request in holders]

        engine._step = noted  # type: ignore[method-assign]

    def now(self) -> float:
        """Seconds from the start."""
        return time.perf_counter() - self.origin


def record(engine: Engine) -> tuple[list[Held], dict[int, list[float]]]:
    """Run the arrivals; slots held, and when each request's pictures were ready."""
    engine.draw(GenerationRequest(PROMPT, 1, 0, engine.generator.sampling), timeout=60)  # warm up
    recorder = Recorder(engine)
    done: dict[int, list[float]] = {number: [] for number in range(len(ARRIVALS))}
    jobs: list[Job] = []
    for number, (at, candidates) in enumerate(ARRIVALS):
        time.sleep(max(0.0, at - recorder.now()))

        def note(event: Event, number: int = number) -> None:
            if isinstance(event, Drawn):
                done[number].append(recorder.now())

        request = GenerationRequest(PROMPT, candidates, 1000 * number, engine.generator.sampling)
        jobs.append(engine.submit(request, note))
        recorder.requests[id(jobs[-1])] = number
        if number == CANCELLED:
            threading.Timer(CANCELLED_AFTER, jobs[-1].cancel).start()
    expected = sum(n for number, (_, n) in enumerate(ARRIVALS) if number != CANCELLED)
    end = time.monotonic() + 120
    while sum(len(t) for n, t in done.items() if n != CANCELLED) < expected:
        if time.monotonic() > end:
            raise RuntimeError("the engine did not finish within two minutes")
        time.sleep(0.01)
    return recorder.held, done


def draw(held: list[Held], done: dict[int, list[float]], slots: int, path: Path) -> None:
    """Slots from top to bottom, time from left to right, a colour a request."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(11, 5), layout="constrained")
    colours = pyplot.get_cmap("tab10")
    for one in held:
        axes.broken_barh(
            [(one.begins, one.ends - one.begins)],
            (one.slot + 0.05, 0.9),
            color=colours(one.request),
        )
    for number, (at, candidates) in enumerate(ARRIVALS):
        covers = "1 cover" if candidates == 1 else f"{candidates} covers"
        label = covers + (", cancelled" if number == CANCELLED else "")
        axes.plot([at], [slots + 0.6], marker="v", color=colours(number), clip_on=False)
        axes.plot([], [], marker="s", linestyle="", color=colours(number), label=label)
        for moment in done[number]:
            axes.plot([moment], [-0.6], marker="|", color=colours(number), clip_on=False)
    axes.set(xlabel="seconds (marks above: pictures decoded; below: arrivals)", ylabel="slot")
    axes.set(ylim=(-1.2, slots + 1.2), xlim=(0, None))
    axes.invert_yaxis()
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), title="request, by arrival")
    figure.savefig(path, dpi=100, metadata={"Software": None})
    pyplot.close(figure)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    parser.add_argument("--shape", default="embedded", help="embedded or a generator's folder")
    parser.add_argument("--slots", type=int, default=24)
    parser.add_argument("--width", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runtime", choices=get_args(RuntimeName), default="auto")
    args = parser.parse_args(arguments)
    runtime = choose_runtime(args.runtime, "cpu", args.threads)
    torch.set_num_threads(1)
    sizes = EngineOptions(slots=args.slots, width=args.width)
    with Engine(load_shape(args.shape), sizes, runtime) as engine:
        held, done = record(engine)
    draw(held, done, args.slots, args.out)
    print(args.out)


if __name__ == "__main__":
    main()
