"""What an unfinished candidate looks like, at a thousandth of the VAE's cost."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from songdalle_core.imagegen.denoisers.families.family import Family

SIDE = 256
"""Pixels a side of a preview, at most, unless latents have more."""
PICTURES = 12
"""Coloured pictures by which the VAE's latents are learnt to be read."""
PICTURE_LATENTS = 16  # latents a side of each of them
RIDGE = 1e-4


class Previewer(Protocol):
    """Turns estimates of the finished latents into pictures."""

    def __call__(self, latents: Tensor) -> Tensor:
        """Pixels (N, 3, h, w) in [-1, 1] or about, of a family's latents (N, ...)."""
        ...


class LinearPreview:
    """Colours as a linear map of the VAE's latents, fitted when the model is loaded.

    Latents are a picture shrunk, in other colours, so that the map is nearly enough; it is fitted by least
    squares from soft random pictures and what the VAE's encoder makes of them.
    """

    def __init__(self, family: Family) -> None:
        self._family = family
        self._weights = fit(family)  # (C + 1, 3)

    def __call__(self, latents: Tensor) -> Tensor:
        """One pixel a latent, enlarged to about `SIDE`."""
        plane = self._family.vae_latents(latents).float()  # (N, C, h, w)
        weights = self._weights.to(plane.device)
        colours = torch.einsum("nchw,cr->nrhw", plane, weights[:-1]) + weights[-1].view(1, 3, 1, 1)
        factor = max(1, SIDE // max(colours.shape[-2:]))
        return (
            F.interpolate(colours, scale_factor=factor, mode="bilinear") if factor > 1 else colours
        )


class TinyPreview:
    """Pictures of a tiny autoencoder (TAESD), trained for the model's latents as the network sees them."""

    def __init__(self, family: Family, tiny: Any) -> None:
        self._family = family
        self._tiny = tiny

    def __call__(self, latents: Tensor) -> Tensor:
        """Full-size pictures, shrunk to about `SIDE`."""
        scaled = self._family.plane(latents).to(self._tiny.dtype)
        pixels: Tensor = self._tiny.decode(scaled, return_dict=False)[0]
        side = max(pixels.shape[-2:])
        if side <= SIDE:
            return pixels.float()
        return F.interpolate(pixels.float(), scale_factor=SIDE / side, mode="area")


@torch.no_grad()
def fit(family: Family) -> Tensor:
    """Weights (C + 1, 3) from a VAE's latents, and a one, to red, green and blue in [-1, 1]."""
    factor = family.pipe.vae_scale_factor
    pictures = soft_pictures(PICTURES, PICTURE_LATENTS * factor)
    latents = torch.cat([family.encode(each) for each in pictures.split(4)])  # (N, C, h, w)
    shrunk = F.interpolate(pictures, size=latents.shape[-2:], mode="area")
    known = latents.cpu().movedim(1, -1).flatten(0, -2).double()
    known = torch.cat([known, torch.ones(len(known), 1, dtype=known.dtype)], dim=1)
    wanted = shrunk.movedim(1, -1).flatten(0, -2).double()
    gram = known.T @ known
    gram += RIDGE * gram.diagonal().mean() * torch.eye(len(gram), dtype=gram.dtype)
    return torch.linalg.solve(gram, known.T @ wanted).float()


def soft_pictures(count: int, side: int) -> Tensor:
    """Random pictures (count, 3, side, side) in [-1, 1] of soft patches of colour, the same each time."""
    noise = np.random.default_rng(0)
    coarse = torch.from_numpy(noise.uniform(-1, 1, (count, 3, 6, 6))).float()
    pictures = F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=True)
    return pictures.clamp(-1, 1)
