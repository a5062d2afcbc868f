"""Generator: owns the engine that draws, and streams what it finishes."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from ray import serve

from deployments.config.base import Device
from deployments.config.pictures import AnyGenerator
from deployments.config.user_config import GeneratorTunables
from deployments.contract.errors import Overloaded, StageUnavailable
from deployments.contract.messages import CandidatePixels, DrawRequest, StageInfo
from deployments.stages.engine_metrics import EngineMetrics
from deployments.stages.watchdog import EVERY, Watchdog
from deployments.telemetry import metrics

if TYPE_CHECKING:
    from deployments.stages.painting import Painted
    from songdalle_core.imagegen.engine.requests import Drawn, Failed, GenerationRequest, Preview

WARM_UP = "a painting of a balloon over the sea"


@serve.deployment(name="Generator")
class Generator:
    """Draws candidates. All torch runs in the engine's two threads, none on the event loop."""

    def __init__(self, options: AnyGenerator, device: Device) -> None:
        # Imported here: the process that builds the graph imports this module and needs no torch.
        from deployments.stages.drawing import begin_drawing
        from deployments.stages.painting import Painting

        self._drawing = begin_drawing(options, device)
        self._options = options
        self._tunables = GeneratorTunables()
        self._sampling = self._drawing.tuned(self._tunables.sampling)
        self._engine = self._drawing.engine
        self._painting = Painting(self._drawing.painter, options.threads)
        self._metrics = EngineMetrics(self._engine.stats, options.engine.slots)
        self._warm_up()
        self._watchdog = Watchdog(self._well, "the generation engine has stopped or hangs")

    def reconfigure(self, user_config: dict[str, Any]) -> None:
        """Take over a changed `user_config`; drawings under way keep their sampling."""
        tunables = GeneratorTunables.model_validate(user_config)
        self._sampling = self._drawing.tuned(tunables.sampling)
        slots = tunables.slots or self._options.engine.slots
        self._engine.resize(slots)
        self._metrics.slots = slots
        self._tunables = tunables

    async def draw(self, drawing: DrawRequest) -> AsyncIterator[CandidatePixels]:
        """Each candidate as it is finished, and the previews asked for before that.

        Leaving the iteration early frees its slots within a step.

        Raises:
            Overloaded: too many candidates wait for a slot already.
            Unsupported: the client chose what this model has no choice of.
            StageUnavailable: the engine stopped before the drawing was done.
        """
        from songdalle_core.imagegen.engine.requests import Failed
        from songdalle_core.imagegen.engine.step_engine import EngineBusy, EngineStopped

        loop = asyncio.get_running_loop()
        shown: asyncio.Queue[Painted | Failed] = asyncio.Queue()
        unwanted = threading.Event()

        def show(painted: Painted | Failed) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(shown.put_nowait, painted)

        def paint(event: Drawn | Preview | Failed) -> None:
            if isinstance(event, Failed):
                show(event)
            else:
                self._painting.submit(drawing.prompt, event, unwanted, show)

        try:
            job = self._engine.submit(self._request(drawing), paint)
        except EngineBusy as busy:
            raise Overloaded(str(busy), self._tunables.retry_after_s) from None
        except EngineStopped as stopped:
            await self._perish()
            raise StageUnavailable(str(stopped)) from None
        started = time.perf_counter()
        wait = self._metrics.await_slot(job)
        try:
            finished: set[int] = set()
            while len(finished) < drawing.candidates:
                painted = await shown.get()
                if isinstance(painted, Failed):
                    await self._perish()
                    raise StageUnavailable(f"drawing failed: {painted.error}")
                if painted.candidate in finished:
                    continue  # a preview that another thread of painters has overtaken
                if painted.fraction < 1:
                    metrics.PREVIEW_LAG.observe(painted.lag)
                else:
                    finished.add(painted.candidate)
                yield self._pixels(painted, wait.seconds)
        finally:
            job.cancel()
            unwanted.set()
            wait.end()
            drawn = time.perf_counter() - started - wait.seconds
            metrics.WORK_SECONDS.add(drawn, worker="generator")

    def _pixels(self, painted: Painted, waited: float) -> CandidatePixels:
        return CandidatePixels(
            painted.candidate,
            painted.seed,
            painted.pixels,
            waited,
            painted.fraction,
            painted=self._painting.painter is not None,
        )

    async def describe(self) -> StageInfo:
        """Say what draws here.

        Raises:
            StageUnavailable: the engine no longer runs.
        """
        await self.check_health()
        sizes = dataclasses.asdict(self._engine.options)
        run = {"runtime": self._drawing.runtime, "threads": self._options.threads}
        painter = self._painting.painter
        pixels = {"resolution": self._drawing.resolution, "finish": painter.side if painter else 0}
        details = {**pixels, **run, **sizes}
        return StageInfo("generator", self._drawing.name, details)

    async def stats(self) -> dict[str, int | float]:
        """What the engine has done and holds now; see `EngineStats`."""
        return dataclasses.asdict(self._engine.stats)

    async def check_health(self) -> None:
        """Look at the engine's threads; a hung or dead engine costs the replica its life.

        Raises:
            StageUnavailable: the engine is hung or dead.
        """
        if not self._well():
            raise StageUnavailable("the generation engine has stopped or hangs")

    def _well(self) -> bool:
        return self._engine.healthy(self._tunables.patience_s)

    async def _perish(self) -> None:
        """If the engine is gone, wait for the watchdog to end this process: the caller then calls another."""
        if not self._well():
            await asyncio.sleep(5 * EVERY)

    def _request(self, drawing: DrawRequest) -> GenerationRequest:
        """Sampling by the client, else by `user_config`, else by the model."""
        from songdalle_core.imagegen.engine.requests import GenerationRequest

        return GenerationRequest(
            drawing.prompt,
            drawing.candidates,
            drawing.seed,
            self._drawing.asked(self._sampling, drawing),
            drawing.previews,
            drawing.first,
        )

    def _warm_up(self) -> None:
        """Draw as many pictures as a step holds, so that "running" means "ready"."""
        sizes = self._options.engine
        request = DrawRequest(WARM_UP, candidates=min(sizes.width, sizes.max_waiting), seed=0)
        drawn = self._engine.draw(self._request(request))[0]
        if self._painting.painter is not None:
            self._painting.painter.paint(WARM_UP, drawn.seed, drawn.layers)

    def stop(self) -> None:
        """End the engine and the threads that look at it, as far as they were begun."""
        for name in ("_watchdog", "_metrics", "_engine", "_painting"):
            if hasattr(self, name):
                getattr(self, name).stop()

    def __del__(self) -> None:
        self.stop()
