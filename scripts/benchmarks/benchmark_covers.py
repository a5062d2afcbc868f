"""How fast covers are drawn and finished with nothing around: what a service of one machine can come to.

    python scripts/benchmarks/benchmark_covers.py
    python scripts/benchmarks/benchmark_covers.py --crowd 8 --rounds 5 --json alone.json

The engine and the finish run in this process as in a replica of serve_config.yaml, whose sizes are taken: no HTTP, no
text stages, no PNG, no ranking. "alone" is a set from its submission to its last finished cover, "crowd" so many sets
that are always under way. Medians; every set has a seed and, in turn, a prompt of its own.
"""

from __future__ import annotations

import itertools
import json
import queue
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import torch
import yaml

from scripts.common import command_line
from scripts.common.command_line import ROOT, count
from scripts.common.reports import markdown
from songdalle_core.covers import Painter, Pixels
from songdalle_core.imagegen.engine.engine import Drawn, Engine, EngineOptions, Failed
from songdalle_core.imagegen.engine.requests import Event, GenerationRequest
from songdalle_core.imagegen.model.generator import Generator, load_generator
from songdalle_core.imagegen.runtimes.runtime import choose_runtime

PROMPTS = (
    "a painting of a yellow balloon in the blue sky. a mood of joyful",
    "a painting of an umbrella in the rain at night. a mood of sadness",
    "a painting of a ship on the sea in the evening. a mood of calmness",
    "a painting of a wolf in the forest. a mood of tension",
)
TIMEOUT_S = 120.0


class Studio:
    """Draws and finishes sets as a replica of the generator does."""

    def __init__(self, generator: Generator, sizes: EngineOptions, side: int, threads: int) -> None:
        if generator.planner is None:
            raise ValueError(f"{generator.name} draws whole pictures: there is no finish to time")
        runtime = choose_runtime("auto", "cpu", threads)
        torch.set_num_threads(1)
        self.engine = Engine(generator, sizes, runtime)
        self._sampling = generator.sampling
        self._painter = Painter(generator.planner, side)
        self._painters = ThreadPoolExecutor(threads)

    def draw(self, prompt: str, candidates: int, seed: int) -> list[Pixels]:
        """The finished covers of a set, uint8 (side, side, 3), in the order in which they came.

        Raises:
            RuntimeError: the engine failed.
            queue.Empty: nothing came within `TIMEOUT_S`.
        """
        finished: queue.SimpleQueue[Pixels | Failed] = queue.SimpleQueue()

        def paint(drawn: Drawn) -> None:
            finished.put(self._painter.paint(prompt, drawn.seed, drawn.layers))

        def take(event: Event) -> None:
            if isinstance(event, Failed):
                finished.put(event)
            elif isinstance(event, Drawn):
                self._painters.submit(paint, event)

        self.engine.submit(GenerationRequest(prompt, candidates, seed, self._sampling), take)
        covers = []
        for _ in range(candidates):
            cover = finished.get(timeout=TIMEOUT_S)
            if isinstance(cover, Failed):
                raise RuntimeError(f"the engine failed: {cover.error}")
            covers.append(cover)
        return covers

    def stop(self) -> None:
        """End its threads."""
        self.engine.stop()
        self._painters.shutdown(cancel_futures=True)


@contextmanager
def studio(config: dict[str, Any], threads: int) -> Iterator[Studio]:
    """A studio of the sizes that a Serve config has for its generator."""
    options = config["applications"][0]["args"]["generator"]
    sizes = EngineOptions(**options["engine"])
    opened = Studio(load_generator(), sizes, options["finish"]["side"], threads)
    try:
        yield opened
    finally:
        opened.stop()


def measure_alone(studio: Studio, candidates: int, rounds: int) -> list[float]:
    """Seconds of each of `rounds` sets, one after the other."""
    seconds = []
    for number, prompt in zip(range(rounds), itertools.cycle(PROMPTS), strict=False):
        started = time.perf_counter()
        studio.draw(prompt, candidates, 1000 + number)
        seconds.append(time.perf_counter() - started)
    return seconds


def measure_crowd(studio: Studio, candidates: int, users: int, rounds: int) -> float:
    """Covers a second of `users` who each ask for `rounds` sets, one after the other."""

    def ask(user: int) -> None:
        for number in range(rounds):
            studio.draw(PROMPTS[(user + number) % len(PROMPTS)], candidates, 100 * user + number)

    started = time.perf_counter()
    with ThreadPoolExecutor(users) as pool:
        list(pool.map(ask, range(users)))
    return users * rounds * candidates / (time.perf_counter() - started)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = command_line.parser(__doc__, "threads", "json")
    parser.add_argument("--candidates", type=count, default=12, help="covers of a set")
    parser.add_argument("--rounds", type=count, default=9, help="sets to time alone")
    parser.add_argument("--crowd", type=count, default=8, help="sets under way at once")
    parser.add_argument("--crowd-rounds", type=count, default=3, help="sets of each of them")
    args = parser.parse_args(arguments)
    config = yaml.safe_load((ROOT / "serve_config.yaml").read_text(encoding="utf-8"))
    with studio(config, args.threads) as opened:
        measure_alone(opened, args.candidates, 2)  # warm
        alone = measure_alone(opened, args.candidates, args.rounds)
        crowd = measure_crowd(opened, args.candidates, args.crowd, args.crowd_rounds)
    figures = {
        "candidates": args.candidates,
        "alone_seconds": round(statistics.median(alone), 4),
        "alone_best": round(min(alone), 4),
        "crowd": args.crowd,
        "crowd_images_per_second": round(crowd, 2),
    }
    print(markdown(list(figures), [list(figures.values())]))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
