"""The generation engine alone behind HTTP: in flight, or by `@serve.batch`.

Both draw with the same engine. In flight, a request joins at the next step. By `@serve.batch`, requests are
gathered, drawn together and answered together, and who comes meanwhile waits for all of them.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ray import serve
from ray.serve import Application
from starlette.requests import Request
from starlette.responses import Response

from loadtests.apps.contract import covers, order_of, other

LONGEST = 100  # characters of a lyric that serve as the prompt
GATHER_SECONDS = 0.02
MOST_REQUESTS = 16
MOST_ONGOING = 256

Order = dict[str, Any]


class Drawer:
    """An engine that whole requests are awaited of."""

    def __init__(self, args: dict[str, Any]) -> None:
        import torch

        from songdalle_core.imagegen.engine.engine import Engine, EngineOptions
        from songdalle_core.imagegen.model.generator import load_generator
        from songdalle_core.imagegen.runtimes.runtime import choose_runtime
        from songdalle_core.imagegen.runtimes.torch_runtime import TorchRuntime

        threads = int(args.get("threads", 2))
        runtime = choose_runtime(args.get("runtime", "auto"), "cpu", threads)
        torch.set_num_threads(threads if isinstance(runtime, TorchRuntime) else 1)
        sizes = EngineOptions(
            slots=int(args["slots"]), width=min(12, int(args["slots"])), max_waiting=4096
        )
        self._engine = Engine(load_generator(args.get("generator", "embedded")), sizes, runtime)
        self._pool = ThreadPoolExecutor(MOST_ONGOING)  # a thread for each order that waits

    async def draw(self, order: Order) -> int:
        """Draw an order; the number of covers.

        Raises:
            RuntimeError: the engine failed.
        """
        from songdalle_core.imagegen.engine.engine import GenerationRequest

        request = GenerationRequest(
            order["lyrics"][:LONGEST],
            order["candidates"],
            order["seed"],
            self._engine.generator.sampling,
        )
        return len(
            await asyncio.get_running_loop().run_in_executor(self._pool, self._engine.draw, request)
        )


class Answering:
    """Draws what a request orders, in a subclass' way, and answers when all of it is drawn."""

    def __init__(self, args: dict[str, Any]) -> None:
        self._drawer = Drawer(args)

    async def __call__(self, request: Request) -> Response:
        """Serve one HTTP request."""
        order = await order_of(request)
        if order is None:
            return other(request)
        started = time.perf_counter()
        drawn = await self._draw(order)
        return covers([0.0] * drawn, {"total": time.perf_counter() - started})

    async def _draw(self, order: Order) -> int:
        """Every request goes to the engine at once."""
        return await self._drawer.draw(order)


class Gathering(Answering):
    """Requests are gathered by `@serve.batch`; one batch is drawn at a time."""

    async def _draw(self, order: Order) -> int:
        drawn: int = await self._batch(order)
        return drawn

    @serve.batch(max_batch_size=MOST_REQUESTS, batch_wait_timeout_s=GATHER_SECONDS)
    async def _batch(self, orders: list[Order]) -> list[int]:
        return list(await asyncio.gather(*map(self._drawer.draw, orders)))


_deployment = serve.deployment(
    max_ongoing_requests=MOST_ONGOING,
    graceful_shutdown_timeout_s=10,
    ray_actor_options={"num_cpus": 0.05, "num_gpus": 0},
)
KINDS: dict[str, Any] = {
    "in_flight": _deployment(Answering).options(name="InFlight"),
    "batched": _deployment(Gathering).options(name="Batched"),
}


def build(args: dict[str, Any]) -> Application:
    """The application, for `import_path` of a Serve config; `args`: kind, slots, threads, replicas."""
    deployment = KINDS[args["kind"]].options(num_replicas=int(args.get("replicas", 1)))
    bound: Application = deployment.bind(args)
    return bound
