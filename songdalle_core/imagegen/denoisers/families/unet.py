"""UNets that read CLIP: Stable Diffusion and its distillations (SD-Turbo, SDXS, LCM), and SDXL."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from songdalle_core.imagegen.denoisers.families.family import Conditioning, Family, Text
from songdalle_core.imagegen.denoisers.schedules import DIFFUSION


class StableDiffusion(Family):
    """Latent diffusion with one CLIP text encoder (Rombach et al., CVPR 2022, arXiv 2112.10752)."""

    PIPELINES: ClassVar[tuple[str, ...]] = (
        "StableDiffusionPipeline",
        "LatentConsistencyModelPipeline",
    )
    SCHEDULERS = DIFFUSION
    PROMPT_TOKENS = 77

    def __init__(
        self, pipe: Any, height: int, width: int, prompt_tokens: int | None = None
    ) -> None:
        super().__init__(pipe, height, width, prompt_tokens)
        length = pipe.tokenizer.model_max_length
        if self.prompt_tokens != length and prompt_tokens is not None:
            raise ValueError(f"prompt_tokens is {prompt_tokens}: CLIP reads {length}, leave it out")

    @staticmethod
    def pixels_a_latent(pipe: Any) -> int:
        """Pixels a side of a latent; halved once for each level of the UNet below the first."""
        levels: int = len(pipe.unet.config.down_block_types) - 1
        factor: int = pipe.vae_scale_factor
        return factor * 2**levels

    @property
    def network(self) -> Any:
        """The UNet."""
        return self.pipe.unet

    @property
    def noise_shape(self) -> tuple[int, ...]:
        """(1, C, h, w)."""
        factor = self.pipe.vae_scale_factor
        channels = self.network.config.in_channels
        return 1, channels, self.height // factor, self.width // factor

    def scheduler(self, steps: int) -> Any:
        """Timesteps as the scheduler's own configuration spaces them."""
        scheduler = type(self.pipe.scheduler).from_config(self.pipe.scheduler.config)
        scheduler.set_timesteps(steps, device="cpu")
        return scheduler

    def noise(self, generator: torch.Generator, scheduler: Any) -> Tensor:
        """Latents (1, C, h, w) with the deviation that the scheduler begins at."""
        return super().noise(generator, scheduler) * scheduler.init_noise_sigma

    @property
    def told_guidance(self) -> bool:
        """Whether the network was distilled for guidance and reads it (Meng et al., CVPR 2023, 2210.03142)."""
        return self.network.config.time_cond_proj_dim is not None

    def guided(self, guidance: float) -> bool:
        """From above 1 on."""
        return guidance > 1 and not self.told_guidance

    def read(self, prompt: str) -> Text:
        """(77, C) of CLIP."""
        embeds, _ = self.pipe.encode_prompt(prompt, self.network.device, 1, False)
        return Text(len(embeds[0]), {"encoder_hidden_states": embeds[0]})

    def read_negative(self, prompt: str | None) -> Text:
        """The same of the empty prompt unless there is one."""
        return self.read(prompt or "")

    def predict(
        self, latents: Tensor, timesteps: Tensor, texts: Conditioning, guidance: Tensor
    ) -> Tensor:
        """Noise (W, C, h, w), or velocity."""
        told = None
        if self.told_guidance:
            size = self.network.config.time_cond_proj_dim
            told = self.pipe.get_guidance_scale_embedding(guidance.cpu() - 1, embedding_dim=size)
            told = told.to(latents)
        return self._call(latents, timesteps, texts, told)

    def _call(
        self, latents: Tensor, timesteps: Tensor, texts: Conditioning, told: Tensor | None
    ) -> Tensor:
        prediction: Tensor = self.network(
            latents, timesteps, timestep_cond=told, return_dict=False, **texts
        )[0]
        return prediction.float()

    def vae_latents(self, latents: Tensor) -> Tensor:
        """Undone of the scaling."""
        return latents / self.pipe.vae.config.scaling_factor


class StableDiffusionXL(StableDiffusion):
    """A larger UNet that reads two CLIPs and the picture's size (Podell et al. 2023, arXiv 2307.01952)."""

    PIPELINES: ClassVar[tuple[str, ...]] = ("StableDiffusionXLPipeline",)

    def read(self, prompt: str) -> Text:
        """(77, C) of both, and the second's pooled."""
        embeds, _, pooled, _ = self.pipe.encode_prompt(
            prompt, device=self.network.device, do_classifier_free_guidance=False
        )
        return self._text(embeds[0], pooled[0])

    def read_negative(self, prompt: str | None) -> Text:
        """Zeros where the model was trained so and no prompt is given."""
        if prompt is None and self.pipe.config.force_zeros_for_empty_prompt:
            empty = self.read("").tensors
            return Text(
                len(empty["encoder_hidden_states"]),
                {
                    **empty,
                    **{n: torch.zeros_like(empty[n]) for n in ("encoder_hidden_states", "pooled")},
                },
            )
        return self.read(prompt or "")

    def _text(self, embeds: Tensor, pooled: Tensor) -> Text:
        size = (self.height, self.width)
        ids = self.pipe._get_add_time_ids(
            size,
            (0, 0),
            size,
            dtype=embeds.dtype,
            text_encoder_projection_dim=self.pipe.text_encoder_2.config.projection_dim,
        )
        return Text(
            len(embeds),
            {"encoder_hidden_states": embeds, "pooled": pooled, "ids": ids[0].to(embeds.device)},
        )

    def _call(
        self, latents: Tensor, timesteps: Tensor, texts: Conditioning, told: Tensor | None
    ) -> Tensor:
        prediction: Tensor = self.network(
            latents,
            timesteps,
            encoder_hidden_states=texts["encoder_hidden_states"],
            added_cond_kwargs={"text_embeds": texts["pooled"], "time_ids": texts["ids"]},
            timestep_cond=told,
            return_dict=False,
        )[0]
        return prediction.float()

    def vae_latents(self, latents: Tensor) -> Tensor:
        """Undone of the scaling, and of the normalisation of VAEs that have one."""
        config = self.pipe.vae.config
        mean, std = config.get("latents_mean"), config.get("latents_std")
        if mean is None or std is None:
            return super().vae_latents(latents)
        mean, std = (latents.new_tensor(each).view(1, -1, 1, 1) for each in (mean, std))
        return latents * std / config.scaling_factor + mean
