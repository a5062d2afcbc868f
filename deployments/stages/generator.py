"""Generator: owns the engine that draws, and streams what it finishes."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import threading
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ray import serve

from deployments.config.base import Device
from deployments.config.pictures import (
    AnyGenerator,
    CheckpointGenerator,
    DiffusersGenerator,
    EngineSizes,
    FolderGenerator,
)
from deployments.config.tuning import Tunable
from deployments.config.user_config import GeneratorTunables
from deployments.contract.errors import Overloaded, StageUnavailable, Unfit, Unsupported
from deployments.contract.messages import (
    CandidatePicture,
    DrawRequest,
    FinishedAnew,
    FinishRequest,
    KeptCover,
    StageInfo,
)
from deployments.stages.engine_metrics import EngineMetrics
from deployments.stages.watchdog import EVERY, Watchdog
from deployments.telemetry import metrics
from songdalle_core.artifacts import WEIGHTS

if TYPE_CHECKING:
    from deployments.stages.painting import Painted
    from songdalle_core.covers import Painter
    from songdalle_core.imagegen.engine.requests import Drawn, Failed, GenerationRequest, Preview

WARM_UP = "a painting of a balloon over the sea"


@serve.deployment(name="Generator")
class Generator(Tunable[GeneratorTunables]):
    """Draws candidates. All torch runs in the engine's two threads, none on the event loop."""

    Tunables = GeneratorTunables

    def __init__(self, options: AnyGenerator, device: Device) -> None:
        # Imported here: the process that builds the graph imports this module and needs no torch.
        from deployments.stages.drawing import begin_drawing
        from deployments.stages.painting import Painting

        self._drawing = begin_drawing(options, device)
        self._options = options
        self._tunables = GeneratorTunables()
        self._sampling = self._drawing.tuned(self._tunables.sampling)
        self._engine = self._drawing.engine
        self._painting = Painting(self._drawing.painter, self._drawing.name, options.threads)
        # one at a time: a cover of 3000 pixels takes seconds, and a gigabyte while it is painted
        self._finishing = ThreadPoolExecutor(1, thread_name_prefix="finishing")
        self._metrics = EngineMetrics(self._engine.stats, options.engine.slots)
        self._warm_up()
        self._watchdog = Watchdog(self._well, "the generation engine has stopped or hangs")

    @classmethod
    def check(cls, user_config: dict[str, Any], *arguments: Any) -> GeneratorTunables:
        """See `Tunable.check`: slots must be groups of the engine's width, sampling what the model has."""
        tunables = super().check(user_config)
        for options in arguments[:1]:
            sizes = options.engine.model_dump()
            EngineSizes.read({**sizes, "slots": tunables.slots or sizes["slots"]})
            for name in tunables.sampling.model_dump(exclude_none=True):
                if name not in options.sampling:
                    raise ValueError(
                        f"sampling.{name}: a generator of backend {options.backend} draws without: "
                        f"leave it out; it has {', '.join(options.sampling)}"
                    )
            if (tunables.sampling.guidance or 1) > 1 and not may_be_guided(options):
                raise ValueError(
                    "sampling.guidance: the model was not trained for it: leave it out"
                )
        return tunables

    def _made_with(self) -> tuple[Any, ...]:
        return (self._options,)

    async def tune(self, tunables: GeneratorTunables) -> None:
        """Take over other sampling, slots and patience; drawings under way keep their sampling.

        Raises:
            ValueError: the model cannot draw so, or the engine cannot have so many slots.
        """
        sampling = self._drawing.tuned(tunables.sampling)
        slots = tunables.slots or self._options.engine.slots
        self._engine.resize(slots)
        self._metrics.slots = slots
        self._sampling, self._tunables = sampling, tunables

    async def draw(self, drawing: DrawRequest) -> AsyncIterator[Sequence[CandidatePicture]]:
        """Candidates as they are finished, and before that the previews asked for, each by itself.

        Leaving the iteration early frees its slots within a step.

        Raises:
            Overloaded: too many candidates wait for a slot already.
            Unfit: the codes to keep are none of this model's.
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
                self._painting.submit(drawing, event, unwanted, show)

        try:
            job = self._engine.submit(self._request(drawing), paint)
        except EngineBusy as busy:
            raise Overloaded(str(busy), self._tunables.retry_after_s) from None
        except ValueError as strange:
            if drawing.kept is None:
                raise
            raise Unfit(f"{strange}: choose a cover that was drawn since", "parent.rank") from None
        except EngineStopped as stopped:
            await self._perish()
            raise StageUnavailable(str(stopped)) from None
        started = time.perf_counter()
        wait = self._metrics.await_slot(job)
        try:
            finished: set[int] = set()
            together = 1 if drawing.delivery.streamed else drawing.delivery.together
            held: list[CandidatePicture] = []
            while len(finished) < drawing.candidates:
                painted = await shown.get()
                if isinstance(painted, Failed):
                    await self._perish()
                    raise StageUnavailable(f"drawing failed: {painted.error}")
                picture = dataclasses.replace(painted.picture, waited=wait.seconds)
                if picture.candidate in finished:
                    continue  # a preview that another thread of painters has overtaken
                if picture.fraction < 1:
                    metrics.PREVIEW_LAG.observe(painted.lag)
                    yield (picture,)
                    continue
                finished.add(picture.candidate)
                held.append(picture)
                if len(held) >= together or len(finished) == drawing.candidates:
                    yield tuple(held)
                    held.clear()
        finally:
            job.cancel()
            unwanted.set()
            wait.end()
            drawn = time.perf_counter() - started - wait.seconds
            metrics.WORK_SECONDS.add(drawn, worker="generator")

    async def finish_anew(self, asked: FinishRequest) -> FinishedAnew | None:
        """A cover in another size, from its codes; None if this generator paints none, or never drew them.

        Raises:
            Overloaded: too many candidates wait for a slot already.
            StageUnavailable: the engine stopped.
        """
        from songdalle_core.imagegen.engine.step_engine import EngineBusy, EngineStopped

        painter = self._painting.painter
        if painter is None:
            return None
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._finishing, self._finish, asked, painter)
        except (ValueError, Unsupported):  # other weights than then
            return None
        except EngineBusy as busy:
            raise Overloaded(str(busy), self._tunables.retry_after_s) from None
        except (EngineStopped, RuntimeError, TimeoutError) as failed:
            raise StageUnavailable(f"finishing failed: {failed}") from None

    def _finish(self, asked: FinishRequest, painter: Painter) -> FinishedAnew:
        """Decode codes by drawing them with all of them kept, then paint."""
        kept = KeptCover(asked.seeds, asked.codes, composition=True, finish=True)
        request = DrawRequest(asked.prompt, 1, asked.seeds.content, kept=kept)
        (drawn,) = self._engine.draw(self._request(request), self._tunables.patience_s)
        proof, _ = painter.paint_at(asked.prompt, asked.seeds, drawn.layers, asked.proof)
        pixels, subject = painter.paint_at(asked.prompt, asked.seeds, drawn.layers, asked.side)
        return FinishedAnew(pixels, subject, proof)

    async def describe(self) -> StageInfo:
        """Say what draws here.

        Raises:
            StageUnavailable: the engine no longer runs.
        """
        self._check_engine()
        sizes = dataclasses.asdict(self._engine.options)
        run = {"runtime": self._drawing.runtime, "threads": self._options.threads}
        painter = self._painting.painter
        pixels = {"resolution": self._drawing.resolution, "finish": painter.side if painter else 0}
        details = {**pixels, **run, **sizes}
        return StageInfo("generator", self._drawing.name, details, self.refused)

    async def stats(self) -> dict[str, int | float]:
        """What the engine has done and holds now; see `EngineStats`."""
        return dataclasses.asdict(self._engine.stats)

    async def check_health(self) -> None:
        """Look at the engine's threads; a hung or dead engine costs the replica its life.

        Raises:
            StageUnavailable: the engine is hung or dead.
        """
        self._check_engine()
        await super().check_health()

    def _check_engine(self) -> None:
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
        from deployments.stages.drawing import kept_of
        from songdalle_core.imagegen.engine.requests import GenerationRequest

        kept = kept_of(drawing.kept)
        return GenerationRequest(
            drawing.prompt,
            drawing.candidates,
            drawing.seed,
            self._drawing.asked(self._sampling, drawing, kept),
            drawing.previews,
            drawing.first,
            kept,
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
        if hasattr(self, "_finishing"):
            self._finishing.shutdown(wait=False, cancel_futures=True)
        for name in ("_watchdog", "_metrics", "_engine", "_painting"):
            if hasattr(self, name):
                getattr(self, name).stop()

    def __del__(self) -> None:
        self.stop()


def may_be_guided(options: AnyGenerator) -> bool:
    """Whether guidance is any use, as far as that is known without loading the model."""
    if isinstance(options, CheckpointGenerator | DiffusersGenerator):
        return True
    folder = options.folder if isinstance(options, FolderGenerator) else WEIGHTS / "generator"
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return float(config["sampling"]["guidance"]) > 1
    except (OSError, ValueError, KeyError):
        return True  # loading it says what is wrong
