"""Composed scenes made to look drawn by a generator, for the judge alone.

CLIP has degradations of its own (`scripts/training/clip/batches.py`) of other kinds: a judge that had learnt
to see through the same ones would forgive what CLIP forgives.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

PADDING = 6  # pixels that a picture is shifted by at most, either way
LARGEST_SIGMA = 1.2  # of the blur, in pixels
NOISE = 0.06
COLOUR_SHIFT = 0.06


def disguise(images: Tensor, generator: torch.Generator) -> Tensor:
    """Shifted or mirrored, out of focus, noisy, in other colours.

    Args:
        images: uint8 (B, 3, S, S).
        generator: source of every draw.

    Returns:
        float32 (B, 3, S, S) in [-1, 1].
    """
    pixels = _shifted(images.float() / 127.5 - 1, generator)
    pixels = _blurred(pixels, generator)
    noise = torch.randn(pixels.shape, generator=generator)
    pixels = pixels + noise * NOISE * torch.rand(len(pixels), 1, 1, 1, generator=generator)
    return _recoloured(pixels, generator).clamp(-1, 1)


def _shifted(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """A random crop of the picture with its edges reflected, mirrored half the time (He et al., 2015)."""
    count, size = len(pixels), pixels.shape[-1]
    padded = F.pad(pixels, (PADDING,) * 4, mode="reflect")
    tops, lefts = torch.randint(2 * PADDING + 1, (2, count), generator=generator).tolist()
    mirrored = torch.randint(2, (count,), generator=generator).tolist()
    crops = [
        torch.flip(picture[:, top : top + size, left : left + size], [-1] if mirror else [])
        for picture, top, left, mirror in zip(padded, tops, lefts, mirrored, strict=True)
    ]
    return torch.stack(crops)


def _blurred(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Half of the pictures through a Gaussian, each of a width of its own."""
    count, channels, height, width = pixels.shape
    sigmas = LARGEST_SIGMA * torch.rand(count, 1, generator=generator)
    offsets = torch.arange(-4, 5)  # (K,)
    kernels = torch.softmax(-(offsets**2) / (2 * sigmas.clamp(min=1e-3) ** 2), dim=1)  # (B, K)
    kernels = kernels.repeat_interleave(channels, dim=0)  # (B * 3, K)
    flat = pixels.reshape(1, count * channels, height, width)
    flat = F.pad(flat, (4, 4, 4, 4), mode="replicate")
    flat = F.conv2d(flat, kernels[:, None, None, :], groups=count * channels)
    flat = F.conv2d(flat, kernels[:, None, :, None], groups=count * channels)
    chosen = torch.rand(count, 1, 1, 1, generator=generator) < 0.5
    return torch.where(chosen, flat.view_as(pixels), pixels)


def _recoloured(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Channels mixed by a matrix near the identity, and shifted, one of each a picture."""
    count = len(pixels)
    mix = torch.eye(3) + COLOUR_SHIFT * torch.randn(count, 3, 3, generator=generator)
    shift = COLOUR_SHIFT * torch.randn(count, 3, 1, 1, generator=generator)
    return torch.einsum("bij,bjhw->bihw", mix, pixels) + shift
