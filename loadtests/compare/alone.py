"""The engine and the finish alone, in one process: the bound of what a service around them can reach.

    python loadtests/compare/alone.py < order.json

Imports nothing of `loadtests`, so that a checkout's own engine can be measured: the modules of
`songdalle_core` are those of PYTHONPATH. The order is {config, prompts, candidates, users, seconds}: a Serve
config, of which the generator's arguments count; the prompts are drawn one after the other, then by so many
users at once for so many seconds. Writes {lone, images_per_second, cpu_seconds}: median seconds of a lone set,
and processor seconds of a set while all users draw.
"""

from __future__ import annotations

import itertools
import json
import queue
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

PATIENCE = 300.0  # seconds for a set
SEED = 7


class Alone:
    """Draws sets as the service's generator does, on the same numbers of threads.

    Args:
        args: of the generator, from the Serve config.
    """

    def __init__(self, args: dict[str, Any]) -> None:
        import torch

        from songdalle_core.imagegen.engine.engine import Engine, EngineOptions
        from songdalle_core.imagegen.model.generator import load_generator
        from songdalle_core.imagegen.runtimes.runtime import choose_runtime

        threads = int(args.get("threads", 2))
        torch.set_num_threads(1)
        runtime = choose_runtime(args.get("runtime", "auto"), "cpu", threads)
        self._model = load_generator(args.get("folder", "embedded"))
        self._engine = Engine(self._model, EngineOptions(**args.get("engine", {})), runtime)
        self._painter = _painter(self._model, args)
        self._pool = ThreadPoolExecutor(threads)

    def draw(self, prompt: str, candidates: int, seed: int) -> int:
        """Draw and finish a set; the number of covers.

        Raises:
            RuntimeError: the engine failed.
        """
        from songdalle_core.imagegen.engine.engine import Failed, GenerationRequest

        events: queue.Queue[Any] = queue.Queue()
        request = GenerationRequest(prompt, candidates, seed, self._model.sampling)
        self._engine.submit(request, events.put)
        painted = []
        for _ in range(candidates):
            event = events.get(timeout=PATIENCE)
            if isinstance(event, Failed):
                raise RuntimeError(f"the engine failed: {event.error}")
            if self._painter is not None:
                painted.append(
                    self._pool.submit(self._painter.paint, prompt, event.seed, event.layers)
                )
        for cover in painted:
            cover.result(PATIENCE)
        return candidates

    def stop(self) -> None:
        """End its threads."""
        self._engine.stop()
        self._pool.shutdown()


def _painter(model: Any, args: dict[str, Any]) -> Any:
    """Who finishes what was drawn; None in checkouts from before covers were painted."""
    try:
        from songdalle_core.covers import Painter
    except ModuleNotFoundError:
        return None
    return Painter(model.planner, int((args.get("finish") or {}).get("side", 512)))


def measure(alone: Alone, order: dict[str, Any]) -> dict[str, float]:
    """The figures of an order."""
    prompts: Sequence[str] = order["prompts"]
    candidates = int(order["candidates"])
    for prompt in prompts[:2]:
        alone.draw(prompt, candidates, SEED)
    lone = []
    for seed, prompt in enumerate(prompts):
        began = time.perf_counter()
        alone.draw(prompt, candidates, seed)
        lone.append(time.perf_counter() - began)
    used, began = time.process_time(), time.perf_counter()
    images = _crowd(alone, prompts, candidates, int(order["users"]), float(order["seconds"]))
    seconds = time.perf_counter() - began
    return {
        "lone": statistics.median(lone),
        "images_per_second": images / seconds,
        "cpu_seconds": (time.process_time() - used) / (images / candidates),
    }


def _crowd(
    alone: Alone, prompts: Sequence[str], candidates: int, users: int, seconds: float
) -> int:
    """Covers drawn by users who each ask again once answered."""
    numbers = itertools.count()
    end = time.perf_counter() + seconds
    drawn: list[int] = []

    def user() -> None:
        while time.perf_counter() < end:
            number = next(numbers)
            drawn.append(alone.draw(prompts[number % len(prompts)], candidates, number))

    threads = [threading.Thread(target=user) for _ in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(drawn)


def main() -> None:
    """Read an order from the standard input, write its figures to the standard output."""
    order = json.load(sys.stdin)
    document = yaml.safe_load(Path(order["config"]).read_text(encoding="utf-8"))
    alone = Alone(document["applications"][0]["args"]["generator"])
    try:
        print(json.dumps(measure(alone, order)))
    finally:
        alone.stop()


if __name__ == "__main__":
    main()
