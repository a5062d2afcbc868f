"""The engine of denoisers: many requests' candidates drawn together, a network's call of all rows a step."""

from __future__ import annotations

from songdalle_core.imagegen.denoisers.loading import Denoiser
from songdalle_core.imagegen.denoisers.runner import DenoiserRunner
from songdalle_core.imagegen.engine.options import EngineOptions
from songdalle_core.imagegen.engine.step_engine import StepEngine


class DenoisingEngine(StepEngine):
    """Draws with a denoiser; see `StepEngine`.

    Args:
        denoiser: what draws, on its device.
        options: sizes; `width` rows go through the network at once, so keep it small where pictures are large.
    """

    def __init__(self, denoiser: Denoiser, options: EngineOptions | None = None) -> None:
        self.denoiser = denoiser
        options = options or EngineOptions()
        super().__init__(DenoiserRunner(denoiser, options), options)
