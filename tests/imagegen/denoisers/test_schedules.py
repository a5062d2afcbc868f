from __future__ import annotations

import dataclasses
from typing import Any

import diffusers
import pytest

from songdalle_core.imagegen.denoisers.loading import Denoiser, DenoiserOptions
from songdalle_core.imagegen.denoisers.schedules import (
    DIFFUSION,
    FLOW,
    UnsupportedScheduler,
    check_scheduler,
)
from songdalle_core.imagegen.model.options import DenoisingOptions
from tests.imagegen.denoisers.conftest import Denoisers
from tests.imagegen.denoisers.parity import SHORT, assert_parity

SMOOTH = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def scheduled(denoiser: Denoiser, scheduler: Any, steps: int) -> Denoiser:
    """The denoiser with another scheduler."""
    pipe = type(denoiser.family.pipe)(**{**parts(denoiser), "scheduler": scheduler})
    options = denoiser.options
    drawing = dataclasses.replace(options.drawing, steps=steps)
    family = type(denoiser.family)(pipe, options.height, options.width)
    changed: DenoiserOptions = dataclasses.replace(options, drawing=drawing)
    return dataclasses.replace(denoiser, family=family, options=changed)


def parts(denoiser: Denoiser) -> dict[str, Any]:
    """What its pipeline is made of."""
    given = denoiser.family.pipe
    extra = {"requires_safety_checker": False} if "safety_checker" in given.components else {}
    return {**given.components, **extra}


@pytest.mark.parametrize("guidance", [0.0, pytest.param(2.0, marks=pytest.mark.long)])
@pytest.mark.parametrize("steps", [2, 20])
@pytest.mark.parametrize(
    "scheduler",
    [
        diffusers.EulerDiscreteScheduler(**SMOOTH, timestep_spacing="trailing"),
        diffusers.EulerDiscreteScheduler(**SMOOTH, use_karras_sigmas=True),
        diffusers.EulerDiscreteScheduler(**SMOOTH, prediction_type="v_prediction"),
        diffusers.DDIMScheduler(**SMOOTH, clip_sample=False, set_alpha_to_one=False),
        diffusers.LCMScheduler(**SMOOTH, clip_sample=False),
        diffusers.DPMSolverMultistepScheduler(**SMOOTH),
        diffusers.DPMSolverMultistepScheduler(**SMOOTH, solver_order=1),
    ],
    ids=["euler", "euler-karras", "euler-v", "ddim", "lcm", "dpm++2m", "dpm++1"],
)
def test_steps_as_the_library_does(
    denoisers: Denoisers, scheduler: Any, steps: int, guidance: float
) -> None:
    denoiser = scheduled(denoisers("stable_diffusion", guidance=guidance), scheduler, steps)
    assert_parity(denoiser, SHORT, guidance_scale=guidance)


@pytest.mark.parametrize("steps", [1, 20])
@pytest.mark.parametrize("shift", [{"shift": 3.0}, {"use_dynamic_shifting": True}], ids=str)
def test_flow_matching_steps_as_the_library_does(
    denoisers: Denoisers, shift: dict[str, Any], steps: int
) -> None:
    scheduler = diffusers.FlowMatchEulerDiscreteScheduler(**shift)
    denoiser = scheduled(denoisers("flux"), scheduler, steps)
    assert_parity(denoiser, SHORT, guidance_scale=0.0, max_sequence_length=256)


@pytest.mark.parametrize(
    ("scheduler", "kinds", "message"),
    [
        (diffusers.HeunDiscreteScheduler(), DIFFUSION, "HeunDiscreteScheduler is not supported"),
        (diffusers.EulerAncestralDiscreteScheduler(), DIFFUSION, "one of EulerDiscreteScheduler, "),
        (diffusers.FlowMatchEulerDiscreteScheduler(), DIFFUSION, "DDIMScheduler, LCMScheduler, "),
        (diffusers.DDIMScheduler(), FLOW, "one of FlowMatchEulerDiscreteScheduler"),
        (
            diffusers.FlowMatchEulerDiscreteScheduler(stochastic_sampling=True),
            FLOW,
            "set it off",
        ),
        (
            diffusers.DPMSolverMultistepScheduler(algorithm_type="sde-dpmsolver++"),
            DIFFUSION,
            "not as sde-dpmsolver",
        ),
        (diffusers.DPMSolverMultistepScheduler(solver_order=3), DIFFUSION, "of order 3"),
    ],
)
def test_others_are_refused(scheduler: Any, kinds: tuple[type, ...], message: str) -> None:
    with pytest.raises(UnsupportedScheduler, match=message):
        check_scheduler(scheduler, kinds)


def test_a_schedulers_options_are_the_denoisers_defaults(denoisers: Denoisers) -> None:
    denoiser = denoisers("stable_diffusion", steps=20, scheduler="DDIMScheduler")
    assert denoiser.options.drawing == DenoisingOptions(20)
    assert_parity(denoiser, SHORT, guidance_scale=0.0)
