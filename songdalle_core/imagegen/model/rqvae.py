"""RQ-VAE: pictures as stacks of discrete codes, and back.

Lee et al., "Autoregressive Image Generation using Residual Quantization", CVPR 2022, arXiv 2203.01941,
section 3.1. A feature vector is rounded to the nearest codebook entry, the remainder is rounded again
with the same codebook, D times; the sum of the D entries stands for the vector. Parameter names follow
kakaobrain/rq-vae-transformer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig, Decoder, Encoder
from songdalle_core.imagegen.model.local import LocalDecoder, LocalEncoder


@dataclass(frozen=True)
class RQVAEConfig:
    """`n_embed` codebook entries of `embed_dim` floats; `code_shape` is (height, width, depth)."""

    embed_dim: int
    n_embed: int
    code_shape: tuple[int, int, int]
    ddconfig: AutoencoderConfig
    shared_codebook: bool = True
    decay: float = 0.99


class Quantized(NamedTuple):
    """What the quantiser gives for features (B, h, w, C)."""

    features: Tensor  # (B, h, w, C), sum of the D code vectors
    codes: Tensor  # (B, h, w, D) int64
    commitment_loss: Tensor  # scalar


class Codebook(nn.Module):
    """`n_embed` vectors learnt as exponential moving averages of what is assigned to them.

    van den Oord et al., 2017, arXiv 1711.00937, appendix A.1; entries that few features choose restart
    at a random feature of the batch at once: waiting for the average to fade left 80% of them unused.
    Row `n_embed` of `weight` is padding, kept for the checkpoint format.
    """

    weight: Tensor
    cluster_size_ema: Tensor
    embed_ema: Tensor

    def __init__(self, n_embed: int, embed_dim: int, decay: float = 0.99) -> None:
        super().__init__()
        self.n_embed, self.decay = n_embed, decay
        weight = torch.randn(n_embed + 1, embed_dim)
        weight[n_embed] = 0.0
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.register_buffer("cluster_size_ema", torch.zeros(n_embed))
        self.register_buffer("embed_ema", weight[:n_embed].clone())

    def nearest(self, vectors: Tensor) -> Tensor:
        """Index of the nearest entry for each of (..., C) vectors, by Euclidean distance."""
        entries = self.weight[: self.n_embed]
        flat = vectors.reshape(-1, vectors.shape[-1])
        # |v - e|^2 = |v|^2 - 2 v.e + |e|^2; |v|^2 does not change the winner
        distances = torch.addmm(entries.pow(2).sum(1), flat, entries.t(), alpha=-2.0)
        return distances.argmin(dim=1).view(vectors.shape[:-1])

    def embed(self, codes: Tensor) -> Tensor:
        """Vectors (..., C) of codes (...)."""
        return F.embedding(codes, self.weight)

    @torch.no_grad()
    def update(self, vectors: Tensor, codes: Tensor) -> None:
        """Move the averages towards `vectors` (N, C) assigned to `codes` (N,)."""
        counts = torch.bincount(codes, minlength=self.n_embed).to(vectors.dtype)
        sums = torch.zeros_like(self.embed_ema).index_add_(0, codes, vectors)
        self.cluster_size_ema.mul_(self.decay).add_(counts, alpha=1 - self.decay)
        self.embed_ema.mul_(self.decay).add_(sums, alpha=1 - self.decay)
        dead = self.cluster_size_ema < 1.0  # fewer than one vector a batch
        if dead.any():
            picks = torch.randint(len(vectors), (int(dead.sum()),), device=vectors.device)
            self.embed_ema[dead] = vectors[picks]
            self.cluster_size_ema[dead] = 1.0
        self.weight[: self.n_embed] = self.embed_ema / self.cluster_size_ema.unsqueeze(1)


class Quantizer(nn.Module):
    """Residual quantisation to `depth` codes a position (paper, section 3.1.1, equations 3 to 5)."""

    def __init__(self, config: RQVAEConfig) -> None:
        super().__init__()
        self.depth = config.code_shape[2]
        books = 1 if config.shared_codebook else self.depth
        made = [Codebook(config.n_embed, config.embed_dim, config.decay) for _ in range(books)]
        # a shared codebook is one module under `depth` names, as in the checkpoints
        self.codebooks = nn.ModuleList([made[d % books] for d in range(self.depth)])

    def codebook(self, d: int) -> Codebook:
        """The codebook of depth `d`."""
        book = self.codebooks[d]
        assert isinstance(book, Codebook)
        return book

    def forward(self, features: Tensor) -> Quantized:
        residual = features.detach()
        total = torch.zeros_like(features)
        codes, losses, inputs = [], [], []
        for d in range(self.depth):
            code = self.codebook(d).nearest(residual)
            inputs.append((residual, code))
            vector = self.codebook(d).embed(code)
            residual = residual - vector
            total = total + vector
            codes.append(code)
            losses.append((features - total.detach()).pow(2).mean())
        if self.training:
            self._update(inputs)
        return Quantized(total, torch.stack(codes, dim=-1), torch.stack(losses).mean())

    def _update(self, inputs: list[tuple[Tensor, Tensor]]) -> None:
        """EMA step: one for a shared codebook over all depths, else one each."""
        flat = [(vectors.flatten(0, -2), codes.flatten()) for vectors, codes in inputs]
        if self.codebooks[0] is self.codebooks[-1]:
            vectors, codes = (torch.cat(parts) for parts in zip(*flat, strict=True))
            self.codebook(0).update(vectors, codes)
        else:
            for d, (vectors, codes) in enumerate(flat):
                self.codebook(d).update(vectors, codes)

    def embed(self, codes: Tensor) -> Tensor:
        """Vectors (..., D, C) of codes (..., D), one for each depth, not summed."""
        return torch.stack(
            [self.codebook(d).embed(codes[..., d]) for d in range(codes.shape[-1])], dim=-2
        )


class RQVAE(nn.Module):
    """Encoder, residual quantiser and decoder."""

    def __init__(self, config: RQVAEConfig) -> None:
        super().__init__()
        height, width, _ = config.code_shape
        latent = config.ddconfig.latent_resolution
        if (height, width) != (latent, latent):
            raise ValueError(f"code_shape {config.code_shape} does not fit a {latent}-wide latent")
        self.config = config
        local = config.ddconfig.local
        self.encoder = (LocalEncoder if local else Encoder)(config.ddconfig)
        self.decoder = (LocalDecoder if local else Decoder)(config.ddconfig)
        self.quantizer = Quantizer(config)
        self.quant_conv = nn.Conv2d(config.ddconfig.z_channels, config.embed_dim, 1)
        self.post_quant_conv = nn.Conv2d(config.embed_dim, config.ddconfig.z_channels, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Quantized]:
        """Reconstruct (B, C, R, R) in [-1, 1]; gradients pass the quantiser straight through."""
        features = self.encode(images)
        quantized = self.quantizer(features)
        passed = features + (quantized.features - features).detach()
        return self.decode_features(passed), quantized

    def encode(self, images: Tensor) -> Tensor:
        """Features (B, h, w, C) of pictures (B, C, R, R) in [-1, 1], before quantisation."""
        return self.quant_conv(self.encoder(images)).permute(0, 2, 3, 1)

    def decode_features(self, features: Tensor) -> Tensor:
        """Pictures (B, C, R, R) of features (B, h, w, C)."""
        return self.decoder(self.post_quant_conv(features.permute(0, 3, 1, 2)))

    @torch.no_grad()
    def get_codes(self, images: Tensor) -> Tensor:
        """Codes (B, h, w, D) of pictures (B, C, R, R) in [-1, 1]."""
        quantized: Quantized = self.quantizer(self.encode(images))
        return quantized.codes

    @torch.no_grad()
    def decode(self, codes: Tensor) -> Tensor:
        """Pictures (B, C, R, R) of codes (B, h, w, D); fewer depths give a coarser picture."""
        return self.decode_features(self.quantizer.embed(codes).sum(dim=-2))
