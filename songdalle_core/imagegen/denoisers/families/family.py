"""What a kind of pipeline has to say: how it reads a prompt, calls its network and decodes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

Conditioning = Mapping[str, Tensor]


@dataclass(frozen=True)
class Text:
    """What a network reads of a prompt.

    Attributes:
        bucket: texts of one bucket have tensors of one shape, so that their rows may share a call.
        tensors: by name, without a batch axis.
    """

    bucket: Hashable
    tensors: Conditioning


class Family(ABC):
    """One pipeline, for pictures of one size. Its own `__call__` is never used.

    Args:
        pipe: of diffusers, on its device, in evaluation mode.
        height: of the pictures, in pixels.
        width: of the pictures, in pixels.
        prompt_tokens: tokens to which prompts are padded or cut; None takes `PROMPT_TOKENS`.
    """

    PIPELINES: ClassVar[tuple[str, ...]]
    """Class names of pipelines that are of this family."""
    SCHEDULERS: ClassVar[tuple[type, ...]]
    PROMPT_TOKENS: ClassVar[int]
    DRAWS_NEGATIVES: ClassVar[bool] = True
    """Whether a negative prompt of one's own may be given."""

    def __init__(
        self, pipe: Any, height: int, width: int, prompt_tokens: int | None = None
    ) -> None:
        multiple = self.pixels_a_latent(pipe)
        if height % multiple or width % multiple:
            raise ValueError(
                f"a picture of {width} x {height} pixels: choose multiples of {multiple} for this model"
            )
        self.pipe = pipe
        self.height, self.width = height, width
        self.prompt_tokens = prompt_tokens or self.PROMPT_TOKENS

    # ---- what a family says ----

    @staticmethod
    @abstractmethod
    def pixels_a_latent(pipe: Any) -> int:
        """Pixels of which height and width have to be multiples."""

    @property
    @abstractmethod
    def network(self) -> Any:
        """The denoising network."""

    @property
    @abstractmethod
    def noise_shape(self) -> tuple[int, ...]:
        """Shape (1, ...) of the noise of one picture, as the pipeline draws it."""

    @abstractmethod
    def scheduler(self, steps: int) -> Any:
        """A scheduler with so many timesteps set, on the CPU, as the pipeline would set them."""

    @abstractmethod
    def read(self, prompt: str) -> Text:
        """What the network reads of a prompt."""

    @abstractmethod
    def read_negative(self, prompt: str | None) -> Text:
        """What it reads of the prompt to keep away from; None: what the pipeline takes for it."""

    @abstractmethod
    def guided(self, guidance: float) -> bool:
        """Whether a row is computed a second time, with the negative prompt."""

    @abstractmethod
    def predict(
        self, latents: Tensor, timesteps: Tensor, texts: Conditioning, guidance: Tensor
    ) -> Tensor:
        """One call of the network.

        Args:
            latents: (W, ...), scaled, in the network's type.
            timesteps: float32 (W,), as the schedulers give them.
            texts: tensors of the rows' texts, each with a first axis of W.
            guidance: float32 (W,), for networks that are told it.

        Returns:
            What the scheduler takes, float32, of the latents' shape.
        """

    @abstractmethod
    def vae_latents(self, latents: Tensor) -> Tensor:
        """Latents (N, ...) as the VAE decodes them, (N, C, h, w)."""

    # ---- what most share ----

    def plane(self, latents: Tensor) -> Tensor:
        """Latents (N, ...) as the network has them, as a plane (N, C, h, w)."""
        return latents

    def guide(self, prediction: Tensor, negative: Tensor, guidance: float) -> Tensor:
        """Classifier-free guidance (Ho & Salimans 2022, arXiv 2207.12598) of one row's predictions."""
        return negative + guidance * (prediction - negative)

    def noise(self, generator: torch.Generator, scheduler: Any) -> Tensor:
        """Latents (1, ...) to begin with, float32 whatever the network's type; noise is drawn on the CPU."""
        noise = randn_tensor(
            self.noise_shape, generator=generator, device=self.network.device, dtype=torch.float32
        )
        return self.pack(noise)

    def pack(self, noise: Tensor) -> Tensor:
        """Noise in the form that the loop works on."""
        return noise

    def batch(self, texts: Sequence[Text]) -> Conditioning:
        """The tensors of texts of one bucket, stacked."""
        names = texts[0].tensors
        return {name: torch.stack([text.tensors[name] for text in texts]) for name in names}

    def decode(self, latents: Tensor) -> Tensor:
        """Pixels (N, 3, H, W) in [-1, 1] or about, float32, of the VAE's latents (N, C, h, w)."""
        vae = self.pipe.vae
        pixels: Tensor = vae.decode(latents.to(vae.dtype), return_dict=False)[0]
        return pixels.float()

    def encode(self, pixels: Tensor) -> Tensor:
        """The VAE's latents (N, C, h, w) of pixels (N, 3, H, W) in [-1, 1]."""
        vae = self.pipe.vae
        made = vae.encode(pixels.to(vae.device, vae.dtype))
        latents: Tensor = made.latents if hasattr(made, "latents") else made.latent_dist.mode()
        return latents.float()


def patches(latents: Tensor) -> Tensor:
    """Latents (N, C, h, w) as a sequence (N, h/2 * w/2, 4 C) of patches of 2 x 2."""
    n, c, h, w = latents.shape
    rows = latents.view(n, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 1, 3, 5)
    return rows.reshape(n, h // 2 * (w // 2), 4 * c)


def unpatched(sequence: Tensor, height: int, width: int) -> Tensor:
    """The inverse of `patches`: latents (N, C, height, width)."""
    n, _, c = sequence.shape
    rows = sequence.view(n, height // 2, width // 2, c // 4, 2, 2).permute(0, 3, 1, 4, 2, 5)
    return rows.reshape(n, c // 4, height, width)
