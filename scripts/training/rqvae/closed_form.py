"""Encoder and codebooks without training by gradient: principal components and residual k-means.

The encoder is the linear map of a cell of pixels to its first principal components; the codebook of each depth
is made by k-means (Lloyd 1982) of what the depths before it leave over, cells that are wholly transparent
left out. It takes a minute, and codes never change afterwards, so that the transformer can learn them while the
decoder is still being trained.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from songdalle_core.imagegen.model.local import LocalEncoder
from songdalle_core.imagegen.model.rqvae import RQVAE

ITERATIONS = 15
AT_ONCE = 8192  # vectors whose distances to all centres are in memory together


@torch.no_grad()
def fit(model: RQVAE, pictures: Tensor, seed: int) -> Tensor:
    """Set the encoder and the codebooks of `model`; the codes (N, h, w, D) of the pictures.

    Args:
        pictures: uint8 (N, R, R, C), premultiplied.
    """
    encoder, quantizer = (
        model.eval().encoder,
        model.quantizer,
    )  # in training it would move its codebooks
    assert isinstance(encoder, LocalEncoder)
    cells = cells_of(pictures, encoder.cell.kernel_size[0])  # (N * h * w, C * cell * cell)
    ink = pictures_ink(cells)
    mean, components = principal_components(cells, model.config.embed_dim)
    features = (cells - mean) @ components
    scale = 1.0 / features[ink].std()
    encoder.cell.weight.copy_((scale * components.T).view_as(encoder.cell.weight))
    assert encoder.cell.bias is not None
    encoder.cell.bias.copy_(-scale * mean @ components)
    identity = torch.eye(model.config.embed_dim)[..., None, None]
    for conv in (model.quant_conv, model.post_quant_conv):
        conv.weight.copy_(identity)
        assert conv.bias is not None
        conv.bias.zero_()
    rest = scale * features
    generator = torch.Generator().manual_seed(seed)
    for d in range(quantizer.depth):
        book = quantizer.codebook(d)
        book.weight[: book.n_embed] = k_means(rest[ink], book.n_embed, generator)
        rest = rest - book.embed(book.nearest(rest))
        print(
            f"depth {d}: {float(rest[ink].pow(2).mean()):.4f} of the variance is left", flush=True
        )
    height, width, depth = model.config.code_shape
    codes = [quantizer(chunk).codes for chunk in (scale * features).split(AT_ONCE)]
    return torch.cat(codes).view(-1, height, width, depth)


def cells_of(pictures: Tensor, cell: int) -> Tensor:
    """Cells (N * h * w, C * cell * cell) in [-1, 1] of pictures uint8 (N, R, R, C), channels first."""
    chunks = []
    for part in pictures.split(64):
        scaled = part.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)
        chunks.append(F.unfold(scaled, cell, stride=cell).transpose(1, 2).flatten(0, 1))
    return torch.cat(chunks)


def pictures_ink(cells: Tensor) -> Tensor:
    """Which cells are not wholly transparent."""
    return cells.amax(dim=1) > -1.0


def principal_components(vectors: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Mean (V,) and the first `count` components (V, count) of vectors (N, V)."""
    mean = vectors.mean(dim=0)
    covariance = vectors.T @ vectors / len(vectors) - torch.outer(mean, mean)
    _, axes = torch.linalg.eigh(covariance)  # ascending
    return mean, axes.flip(1)[:, :count].contiguous()


def k_means(vectors: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """`count` centres of vectors (N, V); one that loses all its vectors restarts at the worst served."""
    repeated = torch.arange(max(count, len(vectors))) % len(vectors)
    order = repeated[torch.randperm(len(repeated), generator=generator)[:count]]
    centres = vectors[order].clone()
    for _ in range(ITERATIONS):
        nearest, distances = assign(vectors, centres)
        sizes = torch.bincount(nearest, minlength=count)
        sums = torch.zeros_like(centres).index_add_(0, nearest, vectors)
        centres = sums / sizes.clamp_min(1)[:, None]
        empty = (sizes == 0).nonzero()[:, 0]
        worst = distances.topk(min(len(empty), len(vectors))).indices
        centres[empty[: len(worst)]] = vectors[worst]
    return centres


def assign(vectors: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
    """The nearest centre of each vector (N,) and its squared distance (N,)."""
    norms = centres.pow(2).sum(dim=1)
    found, distances = [], []
    for part in vectors.split(AT_ONCE):
        least = torch.addmm(norms, part, centres.T, alpha=-2.0).min(dim=1)
        found.append(least.indices)
        distances.append(least.values + part.pow(2).sum(dim=1))
    return torch.cat(found), torch.cat(distances)
