"""An RQ-VAE and layers small enough for tests."""

from __future__ import annotations

import torch
from torch import Tensor

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig

SIDE = 32


def small_rqvae() -> RQVAE:
    """Pictures of 32 pixels as 4 x 4 cells of two codes; the same weights each time."""
    torch.manual_seed(0)
    shape = AutoencoderConfig(
        SIDE, 4, (1, 2), 1, 24, in_channels=4, out_ch=4, patch_size=4, local=True
    )
    return RQVAE(RQVAEConfig(24, 40, (4, 4, 2), shape, shared_codebook=False)).eval()


def pictures(count: int) -> Tensor:
    """Soft blotches on a transparent page, uint8 (N, 32, 32, 4), premultiplied."""
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand(count, 4, 5, 5, generator=generator)
    fine = torch.nn.functional.interpolate(coarse, size=SIDE, mode="bicubic").clamp(0, 1)
    alpha = (fine[:, 3:] > 0.4).float()
    layers = torch.cat([fine[:, :3] * alpha, alpha], dim=1)
    return (layers * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()
