"""What draws in a generator, by back end: a code model or a denoiser, each under an engine of the same kind."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

import numpy as np
import torch

from deployments.config.base import Device
from deployments.config.pictures import (
    AnyGenerator,
    CheckpointGenerator,
    DiffusersGenerator,
    DrawingOptions,
    FinishOptions,
    FolderGenerator,
)
from deployments.config.user_config import SamplingTunables
from deployments.contract.errors import Unsupported
from deployments.contract.messages import DrawRequest, KeptCover
from deployments.stages.devices import choose_device
from songdalle_core.covers import Painter
from songdalle_core.imagegen.engine.options import EngineOptions
from songdalle_core.imagegen.engine.requests import Kept, Rectangle
from songdalle_core.imagegen.engine.step_engine import StepEngine
from songdalle_core.imagegen.model.generator import Generator as Model
from songdalle_core.imagegen.model.options import DenoisingOptions, SamplingOptions

Sampling = SamplingOptions | DenoisingOptions
ASKED = ("temperature", "top_k", "top_p")
"""Sampling that a client may ask for."""


class Drawing(Protocol):
    """An engine that runs, and what the stage has to know beside it.

    Attributes:
        name: of the model, for clients.
        painter: None leaves pictures as they are drawn.
        resolution: pixels a side of what is drawn, the greater of two.
        runtime: what computes it.
    """

    name: str
    engine: StepEngine
    painter: Painter | None
    resolution: int
    runtime: str

    def tuned(self, tunables: SamplingTunables) -> Sampling:
        """How is drawn unless a client has a wish.

        Raises:
            ValueError: the model cannot draw so.
        """
        ...

    def asked(self, tuned: Sampling, drawing: DrawRequest, kept: Kept | None) -> Sampling:
        """How is drawn what a client asked for.

        Args:
            tuned: what this object's own `tuned` gave.
            kept: what is taken over from another cover.

        Raises:
            Unsupported: the model has no such choice.
        """
        ...


class CodeDrawing:
    """RQ-Transformer or minDALL-E; see `Drawing`."""

    def __init__(self, options: DrawingOptions, device: Device) -> None:
        from songdalle_core.imagegen.engine.engine import Engine
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
        self.model = load(options).to(runtime.device, dtype)
        self.name = self.model.name
        self.resolution = self.model.resolution
        self.runtime = type(runtime).__name__.removesuffix("Runtime").lower()
        sizes = EngineOptions(**options.engine.model_dump())
        self.engine: StepEngine = Engine(self.model, sizes, runtime)
        self.painter = painter_of(self.model, options.finish)

    def tuned(self, tunables: SamplingTunables) -> SamplingOptions:
        """The model's own sampling, but for what the operator chose."""
        sampling = dataclasses.replace(self.model.sampling, **_chosen(tunables))
        if sampling.guidance > 1 and not self.model.guided:
            raise ValueError(f"{self.name} was not trained for guidance: leave it out")
        return sampling

    def asked(self, tuned: Sampling, drawing: DrawRequest, kept: Kept | None) -> Sampling:
        """The client's choices before the operator's, which codes among kept ones may be freer than."""
        if kept is not None:
            assert isinstance(tuned, SamplingOptions)
            tuned = kept.sampling(tuned)
        return dataclasses.replace(tuned, **_asked(drawing))


class DenoiserDrawing:
    """A pipeline of diffusers; see `Drawing`."""

    def __init__(self, options: DiffusersGenerator, device: Device) -> None:
        from songdalle_core.imagegen.denoisers.engine import DenoisingEngine
        from songdalle_core.imagegen.denoisers.loading import DenoiserOptions, load_denoiser
        from songdalle_core.pretrained import Source

        torch.set_num_threads(options.threads)
        source = Source(options.model, options.revision, choose_device(device), options.dtype)
        kept = {field.name for field in dataclasses.fields(DenoiserOptions)} - {"drawing"}
        self._drawing = DenoisingOptions(options.steps, options.guidance)
        denoiser = load_denoiser(
            source, DenoiserOptions(drawing=self._drawing, **options.model_dump(include=kept))
        )
        self.name = denoiser.name
        self.resolution = max(options.height, options.width)
        self.runtime = "diffusers"
        sizes = EngineOptions(**options.engine.model_dump())
        self.engine: StepEngine = DenoisingEngine(denoiser, sizes)
        self.painter = Painter(None, options.finish.side) if options.finish else None

    def tuned(self, tunables: SamplingTunables) -> DenoisingOptions:
        """Steps and guidance of `args`, but for what the operator chose since."""
        return dataclasses.replace(self._drawing, **_chosen(tunables))

    def asked(self, tuned: Sampling, drawing: DrawRequest, kept: Kept | None) -> Sampling:
        """As tuned: a client chooses nothing of it."""
        if kept is not None:
            message = f"{self.name} draws no codes, so it keeps none: leave parent.rank out"
            raise Unsupported(message, "parent.rank")
        for field in _asked(drawing):
            raise Unsupported(f"{self.name} draws without {field}: leave it out", field)
        return tuned


def begin_drawing(options: AnyGenerator, device: Device) -> Drawing:
    """The model that the options name, loaded, under an engine that runs.

    Raises:
        songdalle_core.artifacts.WeightsError: a file of it is damaged or missing.
        ValueError: it cannot be run as the options have it.
    """
    if isinstance(options, DiffusersGenerator):
        return DenoiserDrawing(options, device)
    return CodeDrawing(options, device)


def _asked(drawing: DrawRequest) -> dict[str, Any]:
    """What of the sampling the client has chosen."""
    named = {name: getattr(drawing, name) for name in ASKED}
    return {name: value for name, value in named.items() if value is not None}


def _chosen(tunables: SamplingTunables) -> dict[str, Any]:
    """What of the sampling the operator has chosen."""
    return tunables.model_dump(exclude_none=True)


def kept_of(cover: KeptCover | None) -> Kept | None:
    """The engine's word for what is taken over."""
    if cover is None:
        return None
    part = None if cover.part is None else Rectangle(**dataclasses.asdict(cover.part))
    codes = cover.codes.astype(np.int64)
    return Kept(cover.seeds, codes, cover.share, part, cover.composition, cover.finish)


def painter_of(model: Model, finish: FinishOptions | None) -> Painter | None:
    """Who paints what a model draws: layers always are, whole pictures where a finish is asked for."""
    if finish is None and model.planner is None:
        return None
    return Painter(model.planner, (finish or FinishOptions()).side)


def load(options: DrawingOptions) -> Model:
    """The code model that the options name.

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
