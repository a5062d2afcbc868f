"""Z-Image and Z-Image-Turbo, of Tongyi."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from songdalle_core.imagegen.denoisers.families.family import Conditioning, Text
from songdalle_core.imagegen.denoisers.families.flow import FlowTransformer

MULTIPLE = 32
"""Tokens to multiples of which the network itself fills captions up (diffusers' SEQ_MULTI_OF)."""


class ZImage(FlowTransformer):
    """One stream of caption and patches; where patches stand depends on the caption's length."""

    PIPELINES = ("ZImagePipeline",)

    @property
    def noise_shape(self) -> tuple[int, ...]:
        """(1, C, h, w)."""
        return 1, self.network.in_channels, *self.grid

    def guided(self, guidance: float) -> bool:
        """From above 0 on; Turbo is drawn at 0."""
        return guidance > 0

    def guide(self, prediction: Tensor, negative: Tensor, guidance: float) -> Tensor:
        """Guidance counted from the prompt's own prediction, so that 0 is none."""
        return prediction + guidance * (prediction - negative)

    def read(self, prompt: str) -> Text:
        """(L, C) of Qwen3 without padding, filled up to a multiple of 32 rows.

        The network fills captions up with a vector of its own and hides nothing from attention while all of a
        call's are of one length: those of one bucket are, and their rows need no mask.
        """
        (embeds,), _ = self.pipe.encode_prompt(
            [prompt],
            device=self.network.device,
            do_classifier_free_guidance=False,
            max_sequence_length=self.prompt_tokens,
        )
        length = len(embeds)
        bucket = -(-length // MULTIPLE) * MULTIPLE
        filled = F.pad(embeds, (0, 0, 0, bucket - length))
        return Text(bucket, {"caption": filled, "length": torch.tensor(length)})

    def read_negative(self, prompt: str | None) -> Text:
        """The empty prompt's unless there is one."""
        return self.read(prompt or "")

    def predict(
        self, latents: Tensor, timesteps: Tensor, texts: Conditioning, guidance: Tensor
    ) -> Tensor:
        """Velocity (W, C, h, w), of the sign that schedulers expect."""
        lengths = texts["length"].tolist()
        captions = [c[:n] for c, n in zip(texts["caption"], lengths, strict=True)]
        clock = ((1000 - timesteps) / 1000).to(latents.device)
        planes = list(latents.unsqueeze(2).unbind(dim=0))
        made = self.network(planes, clock, captions, return_dict=False)[0]
        return -torch.stack([each.float() for each in made]).squeeze(2)

    def vae_latents(self, latents: Tensor) -> Tensor:
        """Undone of scaling and shift."""
        config = self.pipe.vae.config
        return latents / config.scaling_factor + config.shift_factor
