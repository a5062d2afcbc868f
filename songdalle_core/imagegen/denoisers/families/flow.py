"""What transformers trained by flow matching share: timesteps shifted by the picture's size."""

from __future__ import annotations

from typing import Any

import numpy as np
from diffusers.pipelines.flux.pipeline_flux import calculate_shift

from songdalle_core.imagegen.denoisers.families.family import Family
from songdalle_core.imagegen.denoisers.schedules import FLOW


class FlowTransformer(Family):
    """A transformer over patches of 2 x 2 latents."""

    SCHEDULERS = FLOW
    PROMPT_TOKENS = 512

    @staticmethod
    def pixels_a_latent(pipe: Any) -> int:
        """Pixels a side of a patch."""
        factor: int = pipe.vae_scale_factor
        return 2 * factor

    @property
    def network(self) -> Any:
        """The transformer."""
        return self.pipe.transformer

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the latents."""
        factor = self.pipe.vae_scale_factor
        return self.height // factor, self.width // factor

    @property
    def patches(self) -> int:
        """Patches of a picture."""
        height, width = self.grid
        return height // 2 * (width // 2)

    def shift(self, steps: int) -> float:
        """How far timesteps are shifted to the noisy end (Esser et al., ICML 2024, arXiv 2403.03206)."""
        config = self.pipe.scheduler.config
        return calculate_shift(
            self.patches,
            config.get("base_image_seq_len", 256),
            config.get("max_image_seq_len", 4096),
            config.get("base_shift", 0.5),
            config.get("max_shift", 1.15),
        )

    def scheduler(self, steps: int) -> Any:
        """Evenly spaced from 1 on, then shifted."""
        scheduler = type(self.pipe.scheduler).from_config(self.pipe.scheduler.config)
        sigmas = np.linspace(1.0, 1 / steps, steps)
        scheduler.set_timesteps(sigmas=sigmas, mu=self.shift(steps), device="cpu")
        return scheduler
