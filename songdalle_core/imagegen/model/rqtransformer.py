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
    attn_bias: bool = True
    mlp_bias: bool = True


@dataclass(frozen=True)
class RQTransformerConfig:
    """Shape of the model: the `arch` block of a released checkpoint, text conditions only.

    Attributes:
        block_size: height, width and depth of a code map.
        vocab_size: codes to choose from at every depth.
        vocab_size_cond: text tokens to choose from.
        block_size_cond: text tokens a prompt is padded to.
        embed_dim: C, channels.
        input_embed_dim: width of the RQ-VAE's code vectors.
        input_emb_vqvae: the body reads the RQ-VAE's code vectors rather than embeddings of its own.
        head_emb_vqvae: so does the head.
        cumsum_depth_ctx: the head reads the running sum of a position's code vectors.
        shared_tok_emb: own embeddings, where there are any, serve all depths.
        shared_cls_emb: one classifier serves all depths.
        classifier_bias: whether it has a bias.
    """

    block_size: tuple[int, int, int]
    vocab_size: int
    vocab_size_cond: int
    block_size_cond: int
    embed_dim: int
    input_embed_dim: int
    body: StackConfig
    head: StackConfig
    input_emb_vqvae: bool = True
    head_emb_vqvae: bool = True
    cumsum_depth_ctx: bool = True
    shared_tok_emb: bool = True
    shared_cls_emb: bool = True
    classifier_bias: bool = True
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


def normed(norm: nn.LayerNorm, x: Tensor) -> Tensor:
    """Layer norm in single precision, whatever the model's."""
    weight, bias = norm.weight.float(), norm.bias.float()
    return F.layer_norm(x.float(), norm.normalized_shape, weight, bias, norm.eps).to(x.dtype)


SHORT = 8
"""Tokens up to which attention is spelled out."""


class SelfAttention(nn.Module):
    """Causal multi-head self-attention."""

    def __init__(self, dim: int, heads: int, bias: bool = True) -> None:
        super().__init__()
        self.n_head = heads
        self.key = nn.Linear(dim, dim, bias=bias)
        self.query = nn.Linear(dim, dim, bias=bias)
        self.value = nn.Linear(dim, dim, bias=bias)
        self.proj = nn.Linear(dim, dim, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, dim = x.shape
        # (B, T, C) -> (B, heads, T, C / heads)
        q, k, v = (
            layer(x).view(batch, length, self.n_head, -1).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        y = attend(q, k, v)
        return self.proj(y.transpose(1, 2).reshape(batch, length, dim))


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention (B, heads, T, C / heads); the fused one is slow where T is a picture's depth."""
    length = q.shape[-2]
    if length > SHORT:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    later = torch.full((length, length), -torch.inf, dtype=q.dtype, device=q.device).triu(1)
    return ((q @ k.mT) * q.shape[-1] ** -0.5 + later).softmax(dim=-1) @ v


class Block(nn.Module):
    """Pre-norm transformer block."""

    def __init__(self, dim: int, config: StackConfig, dropout: float) -> None:
        super().__init__()
        self.ln1 = nn.LayerNorm(dim)
        self.ln2 = nn.LayerNorm(dim)
        self.attn = SelfAttention(dim, config.n_head, config.attn_bias)
        self.mlp = nn.Sequential(
            nn.Linear(dim, 4 * dim, bias=config.mlp_bias),
            nn.GELU() if config.gelu == "v1" else QuickGELU(),
            nn.Linear(4 * dim, dim, bias=config.mlp_bias),
        )
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


class DepthLinear(nn.Module):
    """A linear map of its own for each depth: `BatchLinear` of the released code."""

    def __init__(self, depth: int, dim: int, outputs: int, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(depth, dim, outputs))
        self.bias = nn.Parameter(torch.zeros(depth, outputs)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(..., D, C) to (..., D, outputs)."""
        y = torch.einsum("...dc,dco->...do", x, self.weight)
        return y if self.bias is None else y + self.bias

    def at(self, x: Tensor, d: int) -> Tensor:
        """(R, C) to (R, outputs) by the map of depth `d`."""
        y = x @ self.weight[d]
        return y if self.bias is None else y + self.bias[d]


class Classifier(nn.Module):
    """Layer norm and a linear map to the code vocabulary, shared by all depths or one for each."""

    def __init__(self, config: RQTransformerConfig) -> None:
        super().__init__()
        dim, vocab, bias = config.embed_dim, config.vocab_size, config.classifier_bias
        self.layer_norm = nn.LayerNorm(dim)
        self.linear: nn.Linear | DepthLinear
        if config.shared_cls_emb:
            self.linear = nn.Linear(dim, vocab, bias=bias)
        else:
            self.linear = DepthLinear(config.depth, dim, vocab, bias)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (..., D, V) of head outputs (..., D, C)."""
        return self.linear(self.layer_norm(x))

    def at(self, x: Tensor, d: int) -> Tensor:
        """Logits (R, V) of head outputs (R, C) at depth `d`."""
        x = normed(self.layer_norm, x)
        return self.linear.at(x, d) if isinstance(self.linear, DepthLinear) else self.linear(x)


class CodeEmbedding(nn.Embedding):
    """The model's own code embeddings: one table for all depths, or one after the other."""

    def __init__(self, config: RQTransformerConfig) -> None:
        tables = 1 if config.shared_tok_emb else config.depth
        super().__init__(tables * config.vocab_size, config.embed_dim)
        self.offsets: Tensor
        self.tables = tables
        self.depth = config.depth
        if tables > 1:  # a buffer, because the released checkpoints store it
            self.register_buffer("offsets", torch.arange(tables) * config.vocab_size)

    def forward(self, codes: Tensor) -> Tensor:
        """Vectors (..., d, C) of codes (..., d) of the first d <= D depths."""
        if self.tables > 1:
            codes = codes + self.offsets[: codes.shape[-1]]
        return super().forward(codes)

    def by_depth(self) -> Tensor:
        """The tables as (D, V, C), without copying a shared one."""
        return self.weight.view(self.tables, -1, self.embedding_dim).expand(self.depth, -1, -1)


class RQTransformer(nn.Module):
    """Predicts codes (B, h, w, D) from text tokens (B, P)."""

    def __init__(self, config: RQTransformerConfig) -> None:
        super().__init__()
        dim = config.embed_dim
        self.config = config
        self.cond_emb = nn.Embedding(config.vocab_size_cond, dim)
        if config.input_emb_vqvae:
            self.input_mlp = nn.Linear(config.input_embed_dim, dim)
        if config.head_emb_vqvae:
            self.head_mlp = nn.Linear(config.input_embed_dim, dim)
        if not (config.input_emb_vqvae and config.head_emb_vqvae):
            self.tok_emb = CodeEmbedding(config)
        self.pos_emb_cond = nn.Parameter(0.02 * torch.randn(1, config.block_size_cond, dim))
        self.pos_emb_hw = nn.Parameter(0.02 * torch.randn(1, config.positions, dim))
        self.pos_emb_d = nn.Parameter(0.02 * torch.randn(1, config.depth, dim))
        self.body_transformer = Stack(dim, config.body, config.dropout)
        self.head_transformer = Stack(dim, config.head, config.dropout)
        self.classifier = Classifier(config)

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

    def forward(self, codes: Tensor, vectors: Tensor, cond: Tensor) -> Tensor:
        """Logits (B, L, D, V) of every code given the text and the codes before it.

        Args:
            codes: the true picture's codes (B, L, D).
            vectors: their RQ-VAE vectors (B, L, D, input_embed_dim).
            cond: text tokens (B, P), padded to `block_size_cond`.
        """
        return self.logits(self.contexts(codes, vectors, cond), codes, vectors)

    def contexts(self, codes: Tensor, vectors: Tensor, cond: Tensor) -> Tensor:
        """The body's outputs (B, L, C), each made of the text and the positions before; see `forward`."""
        text = self.cond_emb(cond) + self.pos_emb_cond  # (B, P, C)
        drawn = self.body_input(codes, vectors) + self.pos_emb_hw  # (B, L, C)
        body = self.body_transformer(torch.cat([text, drawn[:, :-1]], dim=1))
        return body[:, cond.shape[1] - 1 :]  # output at t predicts position t

    def logits(self, contexts: Tensor, codes: Tensor, vectors: Tensor) -> Tensor:
        """Logits (B, N, D, V) at any N positions, of their contexts (B, N, C), codes and vectors."""
        batch, positions, depth = codes.shape
        earlier = self.head_input(codes, vectors)[:, :, :-1]  # (B, N, D - 1, C)
        inputs = torch.cat([contexts.unsqueeze(2), earlier], dim=2) + self.pos_emb_d
        head = self.head_transformer(inputs.reshape(batch * positions, depth, -1))
        return self.classifier(head).view(batch, positions, depth, -1)

    def body_input(self, codes: Tensor, vectors: Tensor) -> Tensor:
        """What the body reads of drawn positions (B, N, C), their place aside; see `forward`."""
        read = self.input_mlp(vectors) if self.config.input_emb_vqvae else self.tok_emb(codes)
        return read.sum(dim=2)

    def head_input(self, codes: Tensor, vectors: Tensor) -> Tensor:
        """What the head reads after each of the first d codes (B, N, d) of N positions: (B, N, d, C)."""
        if not self.config.head_emb_vqvae:
            return self.tok_emb(codes)
        return self.head_mlp(vectors.cumsum(dim=2) if self.config.cumsum_depth_ctx else vectors)

    @torch.no_grad()
    def tables(self, vectors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What `forward` computes from a code alone, for every code, so that drawing looks it up.

        Args:
            vectors: the RQ-VAE's codebooks (D, V, input_embed_dim).

        Returns:
            The body's input (D, V, C), to be summed over depths; the head's (D, V, C), summed up to a
            depth if `cumsum_depth_ctx`; and the head's bias (C,), to be added once.
        """
        config = self.config
        shared = vectors[:1] if _all_the_same(vectors) else vectors
        no_bias = torch.zeros_like(self.pos_emb_d[0, 0])
        if config.input_emb_vqvae:
            body = self.input_mlp(shared).expand(config.depth, -1, -1)
        else:
            body = self.tok_emb.by_depth()
        if not config.head_emb_vqvae:
            return body, self.tok_emb.by_depth(), no_bias
        head = F.linear(shared, self.head_mlp.weight).expand(config.depth, -1, -1)
        return body, head, self.head_mlp.bias


def _all_the_same(vectors: Tensor) -> bool:
    """Whether every depth has the first one's codebook, by memory or by value."""
    return vectors.stride(0) == 0 or all(torch.equal(v, vectors[0]) for v in vectors[1:])
