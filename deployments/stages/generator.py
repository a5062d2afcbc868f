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

import numpy as np
from ray import serve

from deployments.config.base import Device
from deployments.config.pictures import (
    AnyGenerator,
    CheckpointGenerator,
    EngineSizes,
    FinishOptions,
    FolderGenerator,
)
from deployments.config.tuning import Tunable
from deployments.config.user_config import GeneratorTunables
from deployments.contract.errors import Overloaded, StageUnavailable, Unfit
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
    from songdalle_core.imagegen.engine.engine import (
        Drawn,
        Engine,
        Failed,
        GenerationRequest,
        Preview,
    )
    from songdalle_core.imagegen.engine.requests import Kept
    from songdalle_core.imagegen.model.generator import Generator as Model

WARM_UP = "a painting of a balloon over the sea"


@serve.deployment(name="Generator")
class Generator(Tunable[GeneratorTunables]):
    """Draws candidates. All torch runs in the engine's two threads, none on the event loop."""

    Tunables = GeneratorTunables

    def __init__(self, options: AnyGenerator, device: Device) -> None:
        # Imported here: the process that builds the graph imports this module and needs no torch.
        import torch

        from deployments.stages.devices import choose_device
        from deployments.stages.painting import Painting
        from songdalle_core.imagegen.engine.engine import Engine, EngineOptions
        from songdalle_core.imagegen.runtimes.runtime import choose_runtime
        from songdalle_core.imagegen.runtimes.torch_runtime import TorchRuntime

        half = options.dtype == "bfloat16"
        runtime = choose_runtime(
            options.runtime,
            choose_device(device),
            options.threads,
            bfloat16=half,
            graphs=options.cuda_graphs,
        )
        # The kernel has threads of its own; PyTorch's, with nothing much to do, would only be in their way
        torch.set_num_threads(options.threads if isinstance(runtime, TorchRuntime) else 1)
        dtype = torch.bfloat16 if half else torch.float32
        self._model = load(options).to(runtime.device, dtype)
        self._options = options
        self._runtime = type(runtime).__name__.removesuffix("Runtime").lower()
        self._tunables = GeneratorTunables()
        sizes = EngineOptions(**options.engine.model_dump())
        self._engine: Engine = Engine(self._model, sizes, runtime)
        painter = painter_of(self._model, options.finish)
        self._painting = Painting(painter, self._model.name, options.threads)
        # one at a time: a cover of 3000 pixels takes seconds, and a gigabyte while it is painted
        self._finishing = ThreadPoolExecutor(1, thread_name_prefix="finishing")
        self._metrics = EngineMetrics(self._engine.stats, options.engine.slots)
        self._warm_up()
        self._watchdog = Watchdog(self._well, "the generation engine has stopped or hangs")

    @classmethod
    def check(cls, user_config: dict[str, Any], *arguments: Any) -> GeneratorTunables:
        """See `Tunable.check`: slots must be groups of the engine's width, guidance what it was trained for."""
        tunables = super().check(user_config)
        for options in arguments[:1]:
            sizes = options.engine.model_dump()
            EngineSizes.read({**sizes, "slots": tunables.slots or sizes["slots"]})
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
            ValueError: the model cannot be guided, or the engine cannot have so many slots.
        """
        if (tunables.sampling.guidance or 1) > 1 and not self._model.guided:
            raise ValueError(f"{self._model.name} was not trained for guidance: leave it out")
        slots = tunables.slots or self._options.engine.slots
        self._engine.resize(slots)
        self._metrics.slots = slots
        self._tunables = tunables

    async def draw(self, drawing: DrawRequest) -> AsyncIterator[Sequence[CandidatePicture]]:
        """Candidates as they are finished, and before that the previews asked for, each by itself.

        Leaving the iteration early frees its slots within a step.

        Raises:
            Overloaded: too many candidates wait for a slot already.
            StageUnavailable: the engine stopped before the drawing was done.
        """
        from songdalle_core.imagegen.engine.engine import EngineBusy, EngineStopped, Failed

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
        from songdalle_core.imagegen.engine.engine import EngineBusy, EngineStopped

        painter = self._painting.painter
        if painter is None:
            return None
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._finishing, self._finish, asked, painter)
        except ValueError:  # other weights than then
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
        run = {"runtime": self._runtime, "threads": self._options.threads}
        painter = self._painting.painter
        pixels = {"resolution": self._model.resolution, "finish": painter.side if painter else 0}
        details = {**pixels, **run, **sizes}
        return StageInfo("generator", self._model.name, details, self.refused)

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
        from songdalle_core.imagegen.engine.engine import GenerationRequest

        tuned = self._tunables.sampling.model_dump(exclude_none=True)
        asked = {
            name: value
            for name in ("temperature", "top_k", "top_p")
            if (value := getattr(drawing, name)) is not None
        }
        kept = _kept(drawing.kept)
        usual = dataclasses.replace(self._model.sampling, **tuned)
        sampling = dataclasses.replace(kept.sampling(usual) if kept else usual, **asked)
        return GenerationRequest(
            drawing.prompt,
            drawing.candidates,
            drawing.seed,
            sampling,
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


def _kept(cover: KeptCover | None) -> Kept | None:
    """The engine's word for what is taken over."""
    from songdalle_core.imagegen.engine.requests import Kept, Rectangle

    if cover is None:
        return None
    part = None if cover.part is None else Rectangle(**dataclasses.asdict(cover.part))
    codes = cover.codes.astype(np.int64)
    return Kept(cover.seeds, codes, cover.share, part, cover.composition, cover.finish)


def painter_of(model: Model, finish: FinishOptions | None) -> Painter | None:
    """Who paints what a model draws: layers always are, whole pictures where a finish is asked for."""
    from songdalle_core.covers import Painter

    if finish is None and model.planner is None:
        return None
    return Painter(model.planner, (finish or FinishOptions()).side)


def may_be_guided(options: AnyGenerator) -> bool:
    """Whether guidance is any use, as far as that is known without loading the model."""
    if isinstance(options, CheckpointGenerator):
        return True
    folder = options.folder if isinstance(options, FolderGenerator) else WEIGHTS / "generator"
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return float(config["sampling"]["guidance"]) > 1
    except (OSError, ValueError, KeyError):
        return True  # loading it says what is wrong


def load(options: AnyGenerator) -> Model:
    """The model that the options name.

    Raises:
        songdalle_core.artifacts.WeightsError: a file of it is damaged.
    """
    from safetensors import SafetensorError

    from songdalle_core.artifacts import WeightsError
    from songdalle_core.imagegen.model.checkpoints import load_checkpoint
    from songdalle_core.imagegen.model.generator import load_generator

    if isinstance(options, CheckpointGenerator):
        return load_checkpoint(options.folder, ema=options.ema)
    if not isinstance(options, FolderGenerator):
        return load_generator()
    try:
        return load_generator(options.folder)
    except SafetensorError as error:
        message = f"a weight file in {options.folder} is damaged: {error}; write it again"
        raise WeightsError(message) from error
