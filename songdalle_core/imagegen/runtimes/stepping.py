"""One batched step of drawing as a pure function: a group of slots gets the D codes of its next positions.

The arithmetic of `RQTransformer.forward`, arranged for drawing: keys and values are remembered, query, key
and value are one product, and the code vectors pass `input_mlp` and `head_mlp` once at start-up (they are
tables afterwards). A group of W slots is R rows: row i draws slot i with its text; a model that was trained
for guidance has a second branch, row W + i, the same slot without text.

Shapes are the same whatever the slots' ages and a row's arithmetic never looks at other rows, so a candidate
comes out the same alone and in a crowd, and any runtime that compiles modules of fixed shapes can run it.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from songdalle_core.imagegen.model.rqtransformer import Block, RQTransformer, SelfAttention, normed
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.model.sampling import Filters, sample

HIDDEN = (
    -1e30
)  # added to the score of a place that is not yet drawn; -inf would be NaN in a softmax of none


class CachedBlock(nn.Module):
    """A transformer block that reads new tokens beside remembered keys and values."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        attention = block.attn
        assert isinstance(attention, SelfAttention)
        layers = (attention.query, attention.key, attention.value)
        self.heads = attention.n_head
        self.scale = (attention.proj.in_features // self.heads) ** -0.5
        self.ln1, self.ln2, self.mlp, self.proj = block.ln1, block.ln2, block.mlp, attention.proj
        weights: list[Tensor] = [layer.weight.detach() for layer in layers]
        biases: list[Tensor] = [layer.bias.detach() for layer in layers if layer.bias is not None]
        self.register_buffer("qkv_weight", torch.cat(weights))
        self.register_buffer("qkv_bias", torch.cat(biases) if biases else None)
        self.qkv_weight: Tensor
        self.qkv_bias: Tensor | None
        # The block's own layers become views: apart they would be a quarter more memory.
        for layer, part in zip(layers, self.qkv_weight.chunk(3), strict=True):
            layer.weight.data = part

    def qkv(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Query, key and value (N, heads, T, C / heads) of x (N, T, C)."""
        flat = F.linear(normed(self.ln1, x), self.qkv_weight, self.qkv_bias)
        # (N, T, 3 C) -> (3, N, heads, T, C / heads)
        q, k, v = flat.view(*x.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return q, k, v

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """Output (N, T, C) of x (N, T, C) and what its heads attended to (N, heads, T, C / heads)."""
        x = x + self.proj(attended.transpose(1, 2).reshape(x.shape))
        return x + self.mlp(normed(self.ln2, x))

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Output (1, T, C) and keys and values (2, heads, T, C / heads) of a text x (1, T, C)."""
        q, k, v = self.qkv(x)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.finish(x, attended), torch.cat([k, v])

    def step(
        self, x: Tensor, keys: Tensor, values: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Advance x (R, 1, C) beside keys and values (R, heads, T, C / heads) seen where `mask` is 0.

        Returns the output and the token's own key and value (R, heads, 1, C / heads). They are scored
        apart from the remembered ones, which saves copying those.
        """
        q, k, v = self.qkv(x)
        scores = torch.cat([q @ keys.transpose(2, 3), q @ k.transpose(2, 3)], dim=3) * self.scale
        weights = torch.softmax(scores.float() + mask, dim=3).to(v.dtype)
        attended = weights[..., :-1] @ values + weights[..., -1:] * v
        return self.finish(x, attended), k, v

    def step_head(self, x: Tensor, memory: list[tuple[Tensor, Tensor]]) -> Tensor:
        """Advance x (R, 1, C) beside the few keys and values in `memory`, and add its own."""
        q, k, v = self.qkv(x)
        memory.append((k, v))
        keys, values = (torch.cat(part, dim=2) for part in zip(*memory, strict=True))
        weights = torch.softmax((q @ keys.transpose(2, 3) * self.scale).float(), dim=3)
        return self.finish(x, weights.to(v.dtype) @ values)


class SpatialStep(nn.Module):
    """Draws one spatial position, all its D codes, of W slots.

    Args:
        model: the transformer, in evaluation mode; its dtype is that of the step.
        rqvae: where the code vectors come from.
        width: W.
        branches: 2 with guidance, else 1; R = branches * W.
    """

    def __init__(self, model: RQTransformer, rqvae: RQVAE, width: int, branches: int) -> None:
        super().__init__()
        config = model.config
        self.config, self.width, self.branches = config, width, branches
        self.ranks = config.vocab_size
        self.cond_emb, self.classifier = model.cond_emb, model.classifier
        self.pos_emb_cond, self.pos_emb_hw = model.pos_emb_cond, model.pos_emb_hw
        self.pos_emb_d = model.pos_emb_d
        self.body = _cached(model.body_transformer)
        self.head = _cached(model.head_transformer)
        body_table, head_table, head_bias = model.tables(_code_vectors(model, rqvae))
        for name, table in (("body", body_table), ("head", head_table), ("bias", head_bias)):
            self.register_buffer(f"{name}_table", table.detach())
        self.body_table: Tensor
        self.head_table: Tensor
        self.bias_table: Tensor

    def ranked(self, ranks: int) -> SpatialStep:
        """This step, with so many logits put in order (see `sample`); both share their weights."""
        twin = copy.copy(self)
        twin.ranks = ranks
        return twin

    @property
    def rows(self) -> int:
        """R, rows of a step."""
        return self.branches * self.width

    @property
    def places(self) -> int:
        """Tokens a row remembers: the text, and every position but the last."""
        return self.config.block_size_cond + self.config.positions - 1

    def place(self, position: Tensor) -> Tensor:
        """Where the token that draws `position` is remembered; rows at 0 use the place of 1."""
        return self.config.block_size_cond + position.clamp_min(1) - 1

    def empty_cache(self) -> list[Tensor]:
        """Keys, values, keys, ... of the body's blocks, each (R, heads, places, C / heads)."""
        weight = self.pos_emb_d
        size = self.config.embed_dim // self.config.body.n_head
        shape = (self.rows, self.config.body.n_head, self.places, size)
        return [
            torch.zeros(shape, dtype=weight.dtype, device=weight.device)
            for _ in range(2 * len(self.body))
        ]

    def read_text(self, cond: Tensor) -> tuple[Tensor, Tensor]:
        """One pass over text tokens (P,): the context (C,) of position 0 and the prefix.

        The prefix is every block's keys and values (blocks, 2, heads, P, C / heads).
        """
        x = self.cond_emb(cond.unsqueeze(0)) + self.pos_emb_cond
        prefix = []
        for block in self.body:
            assert isinstance(block, CachedBlock)
            x, read = block.read(x)
            prefix.append(read)
        return x[0, -1], torch.stack(prefix)

    def forward(
        self, previous: Tensor, position: Tensor, started: Tensor, draws: Tensor,
        temperature: Tensor, top_k: Tensor, top_p: Tensor, guidance: Tensor, *cache: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        """Codes (W, D) of each slot's `position` (W,), and what the body's blocks will remember of it.

        Args:
            previous: codes (W, D) of the position before.
            started: contexts (R, C) that the texts gave, for slots at position 0.
            draws: the position's uniforms (W, D).
            temperature, top_k, top_p, guidance: `Filters`.
            cache: as `empty_cache` made it.

        Returns:
            The codes, then the new keys and values in the cache's order, (R, heads, 1, C / heads) each.
        """
        filters = Filters(temperature, top_k, top_p, guidance)
        context, *new = self.context(previous, position, cache)
        fresh = self._branched(position == 0).unsqueeze(1)
        context = torch.where(fresh, started, context)
        codes: list[Tensor] = []
        memory: list[list[tuple[Tensor, Tensor]]] = [[] for _ in self.head]
        for d in range(self.config.depth):
            logits = self.logits(context, codes, memory)
            codes.append(sample(self._guided(logits, guidance), draws[:, d], filters, self.ranks))
        return torch.stack(codes, dim=1), *new

    def context(
        self, previous: Tensor, position: Tensor, cache: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...]:
        """Contexts (R, C) of `position` >= 1 (W,) from the codes (W, D) before it; new keys and values."""
        depths = range(self.config.depth)
        x = torch.stack([self.body_table[d][previous[:, d]] for d in depths]).sum(0)
        x = x + self.pos_emb_hw[0][position.clamp_min(1) - 1]
        x = self._branched(x).unsqueeze(1)
        place = self.place(self._branched(position)).unsqueeze(1)
        hidden = torch.arange(self.places, device=x.device) >= place  # (R, places)
        own = torch.zeros_like(place, dtype=torch.float32)
        mask = torch.cat([hidden.float() * HIDDEN, own], dim=1)[:, None, None]
        new = []
        for index, block in enumerate(self.body):
            assert isinstance(block, CachedBlock)
            x, k, v = block.step(x, cache[2 * index], cache[2 * index + 1], mask)
            new += [k, v]
        return x.squeeze(1), *new

    def logits(
        self, context: Tensor, earlier: list[Tensor], memory: list[list[tuple[Tensor, Tensor]]]
    ) -> Tensor:
        """Logits (R, V) at depth `len(earlier)`, given the position's earlier codes (W,) each.

        `memory` holds, for each block of the head, the keys and values of the depths before; it grows.
        """
        d = len(earlier)
        if d == 0:
            x = context
        else:
            parts = [self.head_table[i][earlier[i]] for i in range(self._first(d), d)]
            x = self._branched(torch.stack(parts).sum(0) + self.bias_table)
        x = (x + self.pos_emb_d[0, d]).unsqueeze(1)
        for block, remembered in zip(self.head, memory, strict=True):
            assert isinstance(block, CachedBlock)
            x = block.step_head(x, remembered)
        return self.classifier.at(x.squeeze(1), d)

    def _branched(self, x: Tensor) -> Tensor:
        """Rows of slots (W, ...) as rows of the step (R, ...)."""
        return torch.cat([x] * self.branches) if self.branches > 1 else x

    def _guided(self, logits: Tensor, guidance: Tensor) -> Tensor:
        """Logits (W, V): away from the branch without text (Ho & Salimans 2022, equation 6)."""
        if self.branches == 1:
            return logits
        with_text, without = logits.float().split(self.width)
        return without + guidance * (with_text - without)

    def _first(self, d: int) -> int:
        """The first earlier depth that the head reads at depth `d`."""
        summed = self.config.cumsum_depth_ctx and self.config.head_emb_vqvae
        return 0 if summed else d - 1


def _code_vectors(model: RQTransformer, rqvae: RQVAE) -> Tensor:
    """The codebooks (D, V, input_embed_dim) in the model's type; a shared one is in memory once."""
    config, dtype = model.config, model.pos_emb_d.dtype
    count = 1 if rqvae.config.shared_codebook else config.depth
    books = [
        rqvae.quantizer.codebook(d).weight[: config.vocab_size].to(dtype) for d in range(count)
    ]
    return books[0].expand(config.depth, -1, -1) if count == 1 else torch.stack(books)


def _cached(stack: nn.Module) -> nn.ModuleList:
    blocks = stack.blocks
    assert isinstance(blocks, nn.ModuleList)
    return nn.ModuleList([CachedBlock(block) for block in blocks if isinstance(block, Block)])
