"""Code maps to pictures, some of whose positions may not be drawn yet: a compiled module for fixed shapes."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from songdalle_core.imagegen.model.autoencoder import to_pixels
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.runtimes.programs import Program


class PictureDecoder(Protocol):
    """Decodes up to as many code maps at a time as it was made for."""

    def decode(self, codes: Tensor, drawn: Tensor) -> Tensor:
        """Pictures (N, R, R, 3) uint8 on the CPU of codes (N, h, w, D) where `drawn` (N, h, w) is 1."""
        ...


def washed_features(rqvae: RQVAE, codes: Tensor, drawn: Tensor) -> Tensor:
    """Features (N, h, w, C) of codes (N, h, w, D) where `drawn` (N, h, w) is 1.

    What is not drawn becomes a wash in the mean of what is: a sheet half painted, not a torn one.
    """
    features = rqvae.quantizer.embed(codes).sum(dim=-2)
    known = drawn.unsqueeze(-1)
    mean = (features * known).sum(dim=(1, 2), keepdim=True) / known.sum(dim=(1, 2), keepdim=True)
    return torch.where(known > 0, features, mean)


class PixelDecoder(nn.Module):
    """The RQ-VAE's decoder as a module of its own."""

    def __init__(self, rqvae: RQVAE) -> None:
        super().__init__()
        self.rqvae = rqvae

    def forward(self, codes: Tensor, drawn: Tensor) -> Tensor:
        """See `PictureDecoder`."""
        return to_pixels(self.rqvae.decode_features(washed_features(self.rqvae, codes, drawn)))


class CompiledDecoder:
    """Decodes always as one batch of a width, padded, so that a picture does not depend on the others.

    Args:
        inputs: codes (width, h, w, D) int64 and drawn (width, h, w) float32, on the program's device.
        program: a `PixelDecoder` compiled for them.
    """

    def __init__(self, inputs: tuple[Tensor, Tensor], program: Program) -> None:
        self._codes, self._drawn = inputs
        self._call = program.bind(inputs)

    def decode(self, codes: Tensor, drawn: Tensor) -> Tensor:
        """See `PictureDecoder`."""
        self._codes[: len(codes)], self._drawn[: len(drawn)] = codes, drawn
        (pixels,) = self._call()
        return pixels[: len(codes)].to("cpu", copy=True)
