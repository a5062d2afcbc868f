"""What the engine draws beside what the library's own pipeline draws, at batch 1, from the same weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from songdalle_core.imagegen.denoisers.engine import DenoisingEngine
from songdalle_core.imagegen.denoisers.loading import Denoiser
from songdalle_core.imagegen.engine.options import EngineOptions
from songdalle_core.imagegen.engine.requests import Drawn, GenerationRequest

SHORT = "a red balloon"
LONG = "a painting of a red balloon over the sea at night, " * 12
"""Longer than every bucket: 624 letters, a token each."""
SIZES = EngineOptions(slots=4, width=4, max_waiting=64, decode_width=2)
TOLERANCE = 1e-4


def drawn_by_us(denoiser: Denoiser, prompt: str, seed: int, sizes: EngineOptions = SIZES) -> Drawn:
    """One candidate, drawn by the engine."""
    with DenoisingEngine(denoiser, sizes) as engine:
        request = GenerationRequest(prompt, 1, seed, denoiser.options.drawing)
        return engine.draw(request, timeout=120)[0]


def assert_parity(denoiser: Denoiser, prompt: str, seed: int = 7, **arguments: Any) -> float:
    """The engine's final latents and picture are the pipeline's; gives the largest difference of latents.

    Args:
        arguments: of the pipeline's own call, beside prompt, size and steps.
    """
    ours = drawn_by_us(denoiser, prompt, seed)
    options, pipe = denoiser.options, denoiser.family.pipe
    pipe.set_progress_bar_config(disable=True)
    scheduler = pipe.scheduler
    pipe.scheduler = type(scheduler).from_config(scheduler.config)
    try:
        latents, picture = (
            pipe(
                prompt=prompt,
                height=options.height,
                width=options.width,
                num_inference_steps=options.drawing.steps,
                generator=torch.Generator().manual_seed(seed),
                output_type=kind,
                **arguments,
            ).images
            for kind in ("latent", "np")
        )
    finally:
        pipe.scheduler = scheduler
    own = torch.from_numpy(ours.latents)
    own = own if own.shape == latents.shape else denoiser.family.vae_latents(own)
    difference = float((own - latents).abs().max())
    assert difference <= TOLERANCE, (difference, float(latents.abs().max()))
    assert np.abs(ours.layers[0] / 255 - picture[0]).max() <= 1 / 255
    assert float(latents.std()) > 0.1
    return difference
