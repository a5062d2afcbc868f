from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import diffusers
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from songdalle_core.imagegen.denoisers.previews import (
    LinearPreview,
    TinyPreview,
    fit,
    soft_pictures,
)
from tests.imagegen.denoisers.conftest import Denoisers
from tests.imagegen.denoisers.tiny_pipelines import FAMILIES, PIXELS

MIXED = torch.tensor([[0.5, 0.2, -0.1], [0.0, -0.7, 0.3], [0.4, 0.1, 0.9], [-0.3, 0.3, 0.1]])


class LinearFamily:
    """A family whose VAE shrinks pictures and mixes their colours into four channels, and no more."""

    pipe = SimpleNamespace(vae_scale_factor=4)

    def encode(self, pixels: Tensor) -> Tensor:
        """Latents (N, 4, h, w) of pixels (N, 3, 4 h, 4 w)."""
        return torch.einsum("nrhw,cr->nchw", F.avg_pool2d(pixels, 4), MIXED) + 0.25

    def vae_latents(self, latents: Tensor) -> Tensor:
        """As they are."""
        return latents


def test_colours_are_read_back_from_a_linear_vae() -> None:
    family: Any = LinearFamily()
    pictures = soft_pictures(2, 64).flip(0)
    shown = LinearPreview(family)(family.encode(pictures))
    assert shown.shape == (2, 3, 256, 256)
    expected = F.interpolate(F.avg_pool2d(pictures, 4), scale_factor=16, mode="bilinear")
    assert float((shown - expected).abs().max()) < 0.02


def test_the_projection_is_the_same_each_time() -> None:
    family: Any = LinearFamily()
    assert torch.equal(fit(family), fit(family))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_familys_vae_is_read(denoisers: Denoisers, family: str) -> None:
    """Random weights: the fit explains more of the pictures than their mean colour does."""
    drawn = denoisers(family).family
    with torch.no_grad():
        pictures = soft_pictures(4, 16 * drawn.pipe.vae_scale_factor)
        latents = drawn.encode(pictures)
        weights = fit(drawn)
        colours = torch.einsum("nchw,cr->nrhw", latents, weights[:-1]) + weights[-1].view(
            1, 3, 1, 1
        )
        shrunk = F.interpolate(pictures, size=latents.shape[-2:], mode="area")
        mean = shrunk.mean(dim=(0, 2, 3), keepdim=True)
        assert F.mse_loss(colours, shrunk) < 0.97 * F.mse_loss(mean.expand_as(shrunk), shrunk)


def test_a_tiny_autoencoder_shows_what_it_decodes(denoisers: Denoisers) -> None:
    family = denoisers("stable_diffusion").family
    channels = (8, 8)
    tiny = diffusers.AutoencoderTiny(
        encoder_block_out_channels=channels,
        decoder_block_out_channels=channels,
        num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1),
        latent_channels=4,
    )
    with torch.no_grad():
        latents = torch.randn(2, 4, PIXELS // 2, PIXELS // 2)
        shown = TinyPreview(family, tiny)(latents)
        assert torch.equal(shown, tiny.decode(latents).sample)
        assert TinyPreview(family, tiny)(torch.randn(1, 4, 256, 256)).shape[-2:] == (256, 256)
