"""One batch of code maps to pictures as a pure function, positions that are not drawn yet included."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from songdalle_core.imagegen.model.autoencoder import to_pixels
from songdalle_core.imagegen.model.rqvae import RQVAE


@torch.no_grad()
def blank_features(rqvae: RQVAE) -> Tensor | None:
    """Features (h, w, C) of a wholly transparent layer; None without alpha or a local encoder.

    Args:
        rqvae: in evaluation mode, else it would learn from what is encoded.
    """
    shape = rqvae.config.ddconfig
    if not shape.local or shape.out_ch < 4:
        return None
    size = (1, shape.in_channels, shape.resolution, shape.resolution)
    blank = torch.full(size, -1.0, device=rqvae.quant_conv.weight.device)
    features: Tensor = rqvae.quantizer(rqvae.encode(blank)).features[0]
    return features


def washed_features(rqvae: RQVAE, blank: Tensor | None, codes: Tensor, drawn: Tensor) -> Tensor:
    """Features (N, h, w, C) of codes (N, h, w, D) where `drawn` (N, h, w) is 1.

    What is not drawn of a layer is transparent, as `blank` is: see `blank_features`. Elsewhere, with None, it
    becomes a wash in the mean of what is drawn: a sheet half painted, not a torn one.
    """
    features = rqvae.quantizer.embed(codes).sum(dim=-2)
    known = drawn.unsqueeze(-1)
    if blank is not None:
        return torch.where(known > 0, features, blank)
    mean = (features * known).sum(dim=(1, 2), keepdim=True) / known.sum(dim=(1, 2), keepdim=True)
    return torch.where(known > 0, features, mean)


class PixelDecoder(nn.Module):
    """The RQ-VAE's decoder as a module of its own: what every runtime's decoder has to agree with."""

    blank: Tensor | None

    def __init__(self, rqvae: RQVAE) -> None:
        super().__init__()
        self.rqvae = rqvae
        self.register_buffer("blank", blank_features(rqvae), persistent=False)

    def forward(self, codes: Tensor, drawn: Tensor) -> Tensor:
        """Pictures (N, R, R, C) uint8 of codes (N, h, w, D) where `drawn` (N, h, w) is 1."""
        features = washed_features(self.rqvae, self.blank, codes, drawn)
        return to_pixels(self.rqvae.decode_features(features))
