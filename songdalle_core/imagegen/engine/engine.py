"""The generation engine: many requests' codes drawn together, a spatial position of every slot a step.

A *slot* is one code map: a candidate picture, or one of its layers where a model draws layers, which then are
drawn side by side. What all engines share is in `step_engine`, what is particular to codes in `codes`.
"""

from __future__ import annotations

from songdalle_core.imagegen.engine.codes import CodeRunner
from songdalle_core.imagegen.engine.options import EngineOptions, EngineStats
from songdalle_core.imagegen.engine.requests import (
    Drawn,
    Event,
    Failed,
    GenerationRequest,
    Job,
    Preview,
)
from songdalle_core.imagegen.engine.step_engine import EngineBusy, EngineStopped, StepEngine
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.runtimes.runtime import Runtime
from songdalle_core.imagegen.runtimes.torch_runtime import TorchRuntime

__all__ = [
    "Drawn",
    "Engine",
    "EngineBusy",
    "EngineOptions",
    "EngineStats",
    "EngineStopped",
    "Event",
    "Failed",
    "GenerationRequest",
    "Job",
    "Preview",
]


class Engine(StepEngine):
    """Draws codes; see `StepEngine`.

    Args:
        generator: what draws, on the runtime's device.
        options: sizes.
        runtime: what runs it; PyTorch on the CPU unless told otherwise.
    """

    def __init__(
        self,
        generator: Generator,
        options: EngineOptions | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        options = options or EngineOptions()
        self.generator = generator
        runner = CodeRunner(generator, options, runtime or TorchRuntime())
        self.stepper = runner.stepper
        super().__init__(runner, options)
