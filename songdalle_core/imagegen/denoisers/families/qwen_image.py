"""Qwen-Image, of the Qwen team."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from songdalle_core.imagegen.denoisers.families.family import (
    Conditioning,
    Text,
    patches,
    unpatched,
)
from songdalle_core.imagegen.denoisers.families.flow import FlowTransformer

MULTIPLE = 32
"""Tokens to multiples of which texts are filled up; what fills them is hidden from attention."""


class QwenImage(FlowTransformer):
    """Two streams, text of Qwen2.5-VL and patches; its VAE is a video's, of one frame."""

    PIPELINES = ("QwenImagePipeline",)

    @property
    def noise_shape(self) -> tuple[int, ...]:
        """(1, 1, C, h, w): one frame."""
        return 1, 1, self.network.config.in_channels // 4, *self.grid

    def pack(self, noise: Tensor) -> Tensor:
        """A sequence (1, L, 4 C)."""
        return patches(noise[:, 0])

    def guided(self, guidance: float) -> bool:
        """From above 1 on."""
        return guidance > 1

    def guide(self, prediction: Tensor, negative: Tensor, guidance: float) -> Tensor:
        """Guidance, with each patch as long as without it."""
        combined = super().guide(prediction, negative, guidance)
        lengths = (each.norm(dim=-1, keepdim=True) for each in (prediction, combined))
        wanted, made = lengths
        return combined * (wanted / made)

    def read(self, prompt: str) -> Text:
        """(L, C) of Qwen2.5-VL, filled up to a multiple of 32 rows, and which of them are text."""
        embeds, _ = self.pipe.encode_prompt(
            prompt, device=self.network.device, max_sequence_length=self.prompt_tokens
        )
        length = embeds.shape[1]
        bucket = -(-length // MULTIPLE) * MULTIPLE
        filled = F.pad(embeds[0], (0, 0, 0, bucket - length))
        mask = (torch.arange(bucket) < length).to(embeds.device)
        return Text(bucket, {"encoder_hidden_states": filled, "encoder_hidden_states_mask": mask})

    def read_negative(self, prompt: str | None) -> Text:
        """A space's unless there is one, as its card has it."""
        return self.read(prompt or " ")

    def predict(
        self, latents: Tensor, timesteps: Tensor, texts: Conditioning, guidance: Tensor
    ) -> Tensor:
        """Velocity (W, L, 4 C)."""
        height, width = (side // 2 for side in self.grid)
        prediction: Tensor = self.network(
            hidden_states=latents,
            timestep=timesteps.to(latents.dtype) / 1000,
            guidance=guidance if self.network.config.guidance_embeds else None,
            img_shapes=[[(1, height, width)]] * len(latents),
            return_dict=False,
            **texts,
        )[0]
        return prediction.float()

    def plane(self, latents: Tensor) -> Tensor:
        """Patches put together."""
        return unpatched(latents, *self.grid)

    def vae_latents(self, latents: Tensor) -> Tensor:
        """Undone of the normalisation."""
        config = self.pipe.vae.config
        mean, std = (
            latents.new_tensor(each).view(1, -1, 1, 1)
            for each in (config.latents_mean, config.latents_std)
        )
        return self.plane(latents) * std + mean

    def decode(self, latents: Tensor) -> Tensor:
        """Pixels of the one frame."""
        return super().decode(latents.unsqueeze(2))[:, :, 0]

    def encode(self, pixels: Tensor) -> Tensor:
        """Latents of the one frame."""
        return super().encode(pixels.unsqueeze(2))[:, :, 0]
