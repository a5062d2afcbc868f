"""A candidate's way from noise to picture: a scheduler of its own, since `step()` knows one timestep only."""

from __future__ import annotations

import copy
from typing import Any

import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    LCMScheduler,
)
from torch import Tensor

DIFFUSION = (EulerDiscreteScheduler, DDIMScheduler, LCMScheduler, DPMSolverMultistepScheduler)
"""Schedulers of networks that predict noise, or velocity in its terms."""
FLOW = (FlowMatchEulerDiscreteScheduler,)
"""Schedulers of flow matching (Lipman et al., ICLR 2023, arXiv 2210.02747)."""


class UnsupportedScheduler(ValueError):
    """A pipeline's scheduler is not among those that are proven here."""


def check_scheduler(scheduler: Any, kinds: tuple[type, ...]) -> None:
    """Refuse a scheduler that a family of models does not draw with.

    Args:
        scheduler: of diffusers.
        kinds: those that it may be.

    Raises:
        UnsupportedScheduler: it is another, or is set to a variant that draws noise of its own.
    """
    name = type(scheduler).__name__
    if type(scheduler) not in kinds:
        known = ", ".join(kind.__name__ for kind in kinds)
        raise UnsupportedScheduler(
            f"{name} is not supported for this model: set `scheduler` to one of {known}"
        )
    config = scheduler.config
    if config.get("stochastic_sampling"):
        raise UnsupportedScheduler(f"{name} with stochastic_sampling is not supported: set it off")
    if isinstance(scheduler, DPMSolverMultistepScheduler) and (
        config.algorithm_type != "dpmsolver++" or config.solver_order > 2
    ):
        raise UnsupportedScheduler(
            f"{name} is supported as dpmsolver++ of order 1 or 2, not as {config.algorithm_type} of "
            f"order {config.solver_order}"
        )


class Schedule:
    """Timesteps of one candidate, and what its scheduler remembers between them.

    Args:
        scheduler: with its timesteps set, on the CPU; it is copied.
        generator: the candidate's noise, for schedulers that add some in a step (LCM).
    """

    def __init__(self, scheduler: Any, generator: torch.Generator) -> None:
        self._scheduler = copy.deepcopy(scheduler)
        if hasattr(self._scheduler, "set_begin_index"):
            self._scheduler.set_begin_index(
                0
            )  # else it looks for the timestep, and takes a second match
        self._generator = generator
        self._index = 0

    @property
    def timestep(self) -> Tensor:
        """What the network is told of the noise, a scalar on the CPU."""
        timestep: Tensor = self._scheduler.timesteps[self._index]
        return timestep

    def scaled(self, latents: Tensor) -> Tensor:
        """What the network reads of latents (1, ...)."""
        if not hasattr(self._scheduler, "scale_model_input"):
            return latents
        scaled: Tensor = self._scheduler.scale_model_input(latents, self.timestep)
        return scaled

    def step(self, prediction: Tensor, latents: Tensor) -> tuple[Tensor, Tensor]:
        """The latents (1, ...) of the next timestep, and the picture's as they seem from here (x0)."""
        scheduler, timestep = self._scheduler, self.timestep
        if isinstance(scheduler, FLOW):
            estimate = latents - scheduler.sigmas[self._index] * prediction
        noise = {"generator": self._generator} if isinstance(scheduler, LCMScheduler) else {}
        result = scheduler.step(prediction, timestep, latents, **noise, return_dict=False)
        if isinstance(scheduler, DPMSolverMultistepScheduler):
            estimate = scheduler.model_outputs[-1]  # dpmsolver++ keeps x0
        elif not isinstance(scheduler, FLOW):
            estimate = result[1]
        self._index += 1
        return result[0], estimate
