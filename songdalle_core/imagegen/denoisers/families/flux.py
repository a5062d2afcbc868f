"""FLUX.1 and FLUX.2 klein, of Black Forest Labs."""

from __future__ import annotations

import torch
from diffusers.pipelines.flux2.pipeline_flux2_klein import compute_empirical_mu
from torch import Tensor

from songdalle_core.imagegen.denoisers.families.family import (
    Conditioning,
    Text,
    patches,
    unpatched,
)
from songdalle_core.imagegen.denoisers.families.flow import FlowTransformer


class Flux(FlowTransformer):
    """FLUX.1: reads T5, padding included, and CLIP's pooled; dev is told its guidance, schnell has none."""

    PIPELINES = ("FluxPipeline",)
    PROMPT_TOKENS = 256
    DRAWS_NEGATIVES = False

    @property
    def noise_shape(self) -> tuple[int, ...]:
        """(1, C, h, w)."""
        return 1, self.network.config.in_channels // 4, *self.grid

    def pack(self, noise: Tensor) -> Tensor:
        """A sequence (1, L, 4 C)."""
        return patches(noise)

    def guided(self, guidance: float) -> bool:
        """Never: what guidance there is, the network is told."""
        return False

    def read(self, prompt: str) -> Text:
        """(L, C) of T5, CLIP's pooled, positions (L, 3)."""
        embeds, pooled, ids = self.pipe.encode_prompt(
            prompt, device=self.network.device, max_sequence_length=self.prompt_tokens
        )
        tensors = {"encoder_hidden_states": embeds[0], "pooled_projections": pooled[0]}
        return Text(len(ids), tensors)

    def read_negative(self, prompt: str | None) -> Text:
        """There is none."""
        raise ValueError("FLUX.1 draws with no negative prompt")

    def predict(
        self, latents: Tensor, timesteps: Tensor, texts: Conditioning, guidance: Tensor
    ) -> Tensor:
        """Velocity (W, L, 4 C)."""
        height, width = (side // 2 for side in self.grid)
        device, dtype = latents.device, latents.dtype
        length = texts["encoder_hidden_states"].shape[1]
        prediction: Tensor = self.network(
            hidden_states=latents,
            timestep=timesteps.to(latents.dtype) / 1000,
            guidance=guidance if self.network.config.guidance_embeds else None,
            txt_ids=torch.zeros(length, 3, device=device, dtype=dtype),
            img_ids=self.pipe._prepare_latent_image_ids(1, height, width, device, dtype),
            return_dict=False,
            **texts,
        )[0]
        return prediction.float()

    def plane(self, latents: Tensor) -> Tensor:
        """Patches put together."""
        return unpatched(latents, *self.grid)

    def vae_latents(self, latents: Tensor) -> Tensor:
        """Undone of scaling and shift."""
        config = self.pipe.vae.config
        return self.plane(latents) / config.scaling_factor + config.shift_factor


class Flux2Klein(FlowTransformer):
    """FLUX.2 klein: reads three layers of Qwen3, padding included; the distilled models have no guidance."""

    PIPELINES = ("Flux2KleinPipeline",)

    DRAWS_NEGATIVES = False

    @property
    def noise_shape(self) -> tuple[int, ...]:
        """(1, 4 C, h/2, w/2): patches are channels here."""
        height, width = self.grid
        return 1, self.network.config.in_channels, height // 2, width // 2

    def pack(self, noise: Tensor) -> Tensor:
        """A sequence (1, L, 4 C)."""
        packed: Tensor = self.pipe._pack_latents(noise)
        return packed

    def shift(self, steps: int) -> float:
        """By size and steps, as its makers measured."""
        return compute_empirical_mu(self.patches, steps)

    def guided(self, guidance: float) -> bool:
        """From above 1 on, unless distilled."""
        return guidance > 1 and not self.pipe.config.is_distilled

    def read(self, prompt: str) -> Text:
        """(L, 3 C) of Qwen3, and positions (L, 4)."""
        embeds, ids = self.pipe.encode_prompt(
            prompt,
            device=self.network.device,
            max_sequence_length=self.prompt_tokens,
        )
        return Text(len(ids[0]), {"encoder_hidden_states": embeds[0], "txt_ids": ids[0]})

    def read_negative(self, prompt: str | None) -> Text:
        """The empty prompt's."""
        return self.read("")

    def predict(
        self, latents: Tensor, timesteps: Tensor, texts: Conditioning, guidance: Tensor
    ) -> Tensor:
        """Velocity (W, L, 4 C)."""
        height, width = (side // 2 for side in self.grid)
        plane = latents.new_empty(len(latents), 1, height, width)
        prediction: Tensor = self.network(
            hidden_states=latents,
            timestep=timesteps.to(latents.dtype) / 1000,
            guidance=None,
            img_ids=self.pipe._prepare_latent_ids(plane).to(latents.device),
            return_dict=False,
            **texts,
        )[0]
        return prediction.float()

    def plane(self, latents: Tensor) -> Tensor:
        """(N, 4 C, h/2, w/2)."""
        n, _, channels = latents.shape
        height, width = (side // 2 for side in self.grid)
        return latents.transpose(1, 2).reshape(n, channels, height, width)

    def vae_latents(self, latents: Tensor) -> Tensor:
        """Undone of the VAE's batch norm."""
        norm = self.pipe.vae.bn
        std = torch.sqrt(norm.running_var + self.pipe.vae.config.batch_norm_eps)
        mean, std = (
            each.to(latents.device, latents.dtype).view(1, -1, 1, 1)
            for each in (norm.running_mean, std)
        )
        unpatchified: Tensor = self.pipe._unpatchify_latents(self.plane(latents) * std + mean)
        return unpatchified
