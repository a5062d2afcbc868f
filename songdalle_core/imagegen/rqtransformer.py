"""RQ-Transformer: the codes of a picture, predicted one after the other from a text.

Lee et al., CVPR 2022, arXiv 2203.01941, section 3.2: a body reads the text and one vector a position (the
sum of that position's D code vectors), and a small head predicts the D codes of a position one by one from
the body's output. Parameter names and arithmetic follow kakaobrain/rq-vae-transformer; shapes below use B
pictures, P text tokens, L = height * width positions, D codes a position, C channels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class StackConfig:
    """Depth and head count of one stack of attention blocks."""

    n_layer: int
    n_head: int
    gelu: str = "v1"


@dataclass(frozen=True)
class RQTransformerConfig:
    """Shape of the model: the `arch` block of a released checkpoint, text conditions only.

    `input_embed_dim` is the width of the RQ-VAE's code vectors, which the model reads instead of learning
    its own; `cumsum_depth_ctx` feeds the head the running sum of a position's code vectors.
    """

    block_size: tuple[int, int, int]
    vocab_size: int
    vocab_size_cond: int
    block_size_cond: int
    embed_dim: int
    input_embed_dim: int
    body: StackConfig
    head: StackConfig
    cumsum_depth_ctx: bool = True
    dropout: float = 0.0

    @property
    def positions(self) -> int:
        """L, spatial positions of a picture."""
        return self.block_size[0] * self.block_size[1]

    @property
    def depth(self) -> int:
        """D, codes a position."""
        return self.block_size[2]


class QuickGELU(nn.Module):
    """x * sigmoid(1.702 x): `gelu: v2` of the released configurations."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class SelfAttention(nn.Module):
    """Causal multi-head self-attention."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.n_head = heads
        self.key = nn.Linear(dim, dim)
        self.query = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, dim = x.shape
        # (B, T, C) -> (B, heads, T, C / heads)
        q, k, v = (
            layer(x).view(batch, length, self.n_head, -1).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(batch, length, dim))


class Block(nn.Module):
    """Pre-norm transformer block."""

    def __init__(self, dim: int, config: StackConfig, dropout: float) -> None:
        super().__init__()
        self.ln1 = nn.LayerNorm(dim)
        self.ln2 = nn.LayerNorm(dim)
        self.attn = SelfAttention(dim, config.n_head)
        activation = nn.GELU() if config.gelu == "v1" else QuickGELU()
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), activation, nn.Linear(4 * dim, dim))
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.drop(self.attn(self.ln1(x)))
        return x + self.drop(self.mlp(self.ln2(x)))


class Stack(nn.Module):
    """Blocks in a row."""

    def __init__(self, dim: int, config: StackConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(dim, config, dropout) for _ in range(config.n_layer)])

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return x


class Classifier(nn.Module):
    """Layer norm and one linear map to the code vocabulary, shared by all depths."""

    def __init__(self, dim: int, vocab_size: int) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(dim)
        self.linear = nn.Linear(dim, vocab_size)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.layer_norm(x))


class RQTransformer(nn.Module):
    """Predicts codes (B, h, w, D) from text tokens (B, P)."""

    def __init__(self, config: RQTransformerConfig) -> None:
        super().__init__()
        dim = config.embed_dim
        self.config = config
        self.cond_emb = nn.Embedding(config.vocab_size_cond, dim)
        self.input_mlp = nn.Linear(config.input_embed_dim, dim)
        self.head_mlp = nn.Linear(config.input_embed_dim, dim)
        self.pos_emb_cond = nn.Parameter(0.02 * torch.randn(1, config.block_size_cond, dim))
        self.pos_emb_hw = nn.Parameter(0.02 * torch.randn(1, config.positions, dim))
        self.pos_emb_d = nn.Parameter(0.02 * torch.randn(1, config.depth, dim))
        self.body_transformer = Stack(dim, config.body, config.dropout)
        self.head_transformer = Stack(dim, config.head, config.dropout)
        self.classifier = Classifier(dim, config.vocab_size)

    def initialise(self) -> None:
        """Weights for training from nothing: normal(0.02), residual outputs scaled by depth."""
        for name, parameter in self.named_parameters():
            if parameter.dim() < 2 or name.startswith("pos_emb"):
                continue
            std = 0.02
            if name.endswith(("attn.proj.weight", "mlp.2.weight")):
                stack = self.config.body if name.startswith("body") else self.config.head
                std /= math.sqrt(2 * stack.n_layer)
            nn.init.normal_(parameter, std=std)
        for name, parameter in self.named_parameters():
            if name.endswith(".bias") and "ln" not in name and "norm" not in name:
                nn.init.zeros_(parameter)

    def forward(self, vectors: Tensor, cond: Tensor) -> Tensor:
        """Logits (B, L, D, V) of every code given the text and the codes before it.

        Args:
            vectors: code vectors (B, L, D, input_embed_dim) of the true picture.
            cond: text tokens (B, P), padded to `block_size_cond`.
        """
        batch, positions, depth, _ = vectors.shape
        text = self.cond_emb(cond) + self.pos_emb_cond  # (B, P, C)
        drawn = self.input_mlp(vectors).sum(dim=2) + self.pos_emb_hw  # (B, L, C)
        body = self.body_transformer(torch.cat([text, drawn[:, :-1]], dim=1))
        context = body[:, cond.shape[1] - 1 :]  # (B, L, C): output at t predicts position t

        earlier = vectors.cumsum(dim=2) if self.config.cumsum_depth_ctx else vectors
        earlier = self.head_mlp(earlier[:, :, :-1])  # (B, L, D - 1, C)
        inputs = torch.cat([context.unsqueeze(2), earlier], dim=2) + self.pos_emb_d
        head = self.head_transformer(inputs.reshape(batch * positions, depth, -1))
        logits: Tensor = self.classifier(head)
        return logits.view(batch, positions, depth, -1)
