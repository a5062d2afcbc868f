"""One batch of code maps to pictures as a pure function, positions that are not drawn yet included."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from songdalle_core.imagegen.model.autoencoder import to_pixels
from songdalle_core.imagegen.model.rqvae import RQVAE


def washed_features(rqvae: RQVAE, codes: Tensor, drawn: Tensor) -> Tensor:
    """Features (N, h, w, C) of codes (N, h, w, D) where `drawn` (N, h, w) is 1.

    What is not drawn becomes a wash in the mean of what is: a sheet half painted, not a torn one.
    """
    features = rqvae.quantizer.embed(codes).sum(dim=-2)
    known = drawn.unsqueeze(-1)
    mean = (features * known).sum(dim=(1, 2), keepdim=True) / known.sum(dim=(1, 2), keepdim=True)
    return torch.where(known > 0, features, mean)


class PixelDecoder(nn.Module):
    """The RQ-VAE's decoder as a module of its own: what every runtime's decoder has to agree with."""

    def __init__(self, rqvae: RQVAE) -> None:
        super().__init__()
        self.rqvae = rqvae

    def forward(self, codes: Tensor, drawn: Tensor) -> Tensor:
        """Pictures (N, R, R, 3) uint8 of codes (N, h, w, D) where `drawn` (N, h, w) is 1."""
        return to_pixels(self.rqvae.decode_features(washed_features(self.rqvae, codes, drawn)))
