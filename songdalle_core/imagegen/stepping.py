"""One batched step of drawing: every row gets the D codes of its next position.

The arithmetic of `RQTransformer.forward`, arranged for drawing: keys and values live in preallocated
caches, query, key and value are one product, the code vectors pass `input_mlp` and `head_mlp` once at
start-up (they are tables afterwards), and every step has the same shapes whatever the rows' ages. A row's
result therefore does not depend on its neighbours: a product over R rows treats row i the same whatever
the others hold.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from songdalle_core.imagegen.rqtransformer import Block, RQTransformer, SelfAttention
from songdalle_core.imagegen.rqvae import RQVAE


class CachedBlock:
    """A transformer block that reads one new token a row and remembers keys and values."""

    def __init__(self, block: Block, rows: int, length: int) -> None:
        attention = block.attn
        assert isinstance(attention, SelfAttention)
        layers = (attention.query, attention.key, attention.value)
        self.block, self.attention = block, attention
        self.heads = attention.n_head
        self.qkv_weight = torch.cat([layer.weight for layer in layers]).detach()
        self.qkv_bias = torch.cat([layer.bias for layer in layers]).detach()
        dim = attention.proj.in_features
        shape = (rows, length, self.heads, dim // self.heads)
        self.keys = self.qkv_weight.new_zeros(shape)
        self.values = self.qkv_weight.new_zeros(shape)

    def _qkv(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Query, key, value (..., heads, C / heads) of x (..., C)."""
        flat = F.linear(self.block.ln1(x), self.qkv_weight, self.qkv_bias)
        q, k, v = flat.view(*x.shape[:-1], 3, self.heads, -1).unbind(-3)
        return q, k, v

    def _finish(self, x: Tensor, attended: Tensor) -> Tensor:
        x = x + self.attention.proj(attended)
        mlp: Tensor = self.block.mlp(self.block.ln2(x))
        return x + mlp

    def prefill(self, x: Tensor, rows: Tensor) -> Tensor:
        """Read x (1, T, C) once and give its keys and values to all `rows`."""
        q, k, v = self._qkv(x)  # (1, T, heads, C / heads)
        length = x.shape[1]
        self.keys[rows, :length] = k
        self.values[rows, :length] = v
        q, k, v = (t.transpose(1, 2) for t in (q, k, v))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self._finish(x, attended.transpose(1, 2).reshape(x.shape))

    def step(self, x: Tensor, rows: Tensor, place: Tensor, mask: Tensor) -> Tensor:
        """Advance x (R, C): store at `place` (R,), attend where `mask` (R, 1, 1, length) is 0."""
        q, k, v = self._qkv(x)  # (R, heads, C / heads)
        self.keys[rows, place] = k
        self.values[rows, place] = v
        keys, values = self.keys[rows].transpose(1, 2), self.values[rows].transpose(1, 2)
        attended = F.scaled_dot_product_attention(q.unsqueeze(2), keys, values, attn_mask=mask)
        return self._finish(x, attended.squeeze(2).reshape(x.shape))


class Stepper:
    """Draws up to `rows` code maps at once; a row is one conditional or unconditional drawing.

    Args:
        model: the transformer, in evaluation mode.
        rqvae: where the code vectors come from.
        rows: how many drawings the caches hold.
    """

    def __init__(self, model: RQTransformer, rqvae: RQVAE, rows: int) -> None:
        config = model.config
        self.model, self.config, self.rows = model, config, rows
        self.length = config.block_size_cond + config.positions - 1
        self.body = self._blocks(model.body_transformer, rows, self.length)
        self.head = self._blocks(model.head_transformer, rows, config.depth)
        self.tables = self._tables(model, rqvae)
        # additive masks: row p of `visible` shows the first p + 1 places
        causal = torch.full((self.length, self.length), -torch.inf).triu(1)
        self.visible = causal.view(self.length, 1, 1, self.length)
        head = torch.full((config.depth, config.depth), -torch.inf).triu(1)
        self.head_visible = head.view(config.depth, 1, 1, 1, config.depth)

    @staticmethod
    def _blocks(stack: nn.Module, rows: int, length: int) -> list[CachedBlock]:
        blocks = stack.blocks
        assert isinstance(blocks, nn.ModuleList)
        return [CachedBlock(block, rows, length) for block in blocks if isinstance(block, Block)]

    @staticmethod
    @torch.no_grad()
    def _tables(model: RQTransformer, rqvae: RQVAE) -> tuple[Tensor, Tensor]:
        """(D, V, C) of every code's share of the body's and of the head's input, biases left out."""
        depth, vocab = model.config.depth, model.config.vocab_size
        vectors = torch.stack([rqvae.quantizer.codebook(d).weight[:vocab] for d in range(depth)])
        return (
            F.linear(vectors, model.input_mlp.weight),
            F.linear(vectors, model.head_mlp.weight),
        )

    @torch.inference_mode()
    def prefill(self, cond: Tensor, rows: Tensor) -> Tensor:
        """Read text tokens (P,) once for all `rows`; returns the context (C,) of position 0."""
        x = self.model.cond_emb(cond.unsqueeze(0)) + self.model.pos_emb_cond
        for block in self.body:
            x = block.prefill(x, rows)
        return x[0, -1]

    @torch.inference_mode()
    def read_prefix(self, rows: Tensor) -> Tensor:
        """Text keys and values (blocks, 2, R, P, heads, C / heads) of `rows`."""
        text = self.config.block_size_cond
        return torch.stack(
            [torch.stack([b.keys[rows, :text], b.values[rows, :text]]) for b in self.body]
        )

    @torch.inference_mode()
    def write_prefix(self, rows: Tensor, prefix: Tensor) -> None:
        """Give `rows` the text keys and values that `read_prefix` returned for as many rows."""
        text = self.config.block_size_cond
        for block, (keys, values) in zip(self.body, prefix, strict=True):
            block.keys[rows, :text] = keys
            block.values[rows, :text] = values

    @torch.inference_mode()
    def context(self, codes: Tensor, position: Tensor, rows: Tensor) -> Tensor:
        """Context (R, C) of each row's `position` (R,) from the codes (R, D) of the one before it."""
        inputs, depth = self.tables[0], self.config.depth
        x = torch.stack([inputs[d, codes[:, d]] for d in range(depth)]).sum(0)
        x = x + depth * self.model.input_mlp.bias + self.model.pos_emb_hw[0, position - 1]
        place = self.config.block_size_cond + position - 1
        for block in self.body:
            x = block.step(x, rows, place, self.visible[place])
        return x

    @torch.inference_mode()
    def logits(self, context: Tensor, earlier: list[Tensor], rows: Tensor) -> Tensor:
        """Logits (R, V) at depth `len(earlier)`, given the position's earlier codes (R,) each."""
        d = len(earlier)
        if d == 0:
            x = context
        else:
            first = 0 if self.config.cumsum_depth_ctx else d - 1
            parts = [self.tables[1][i, earlier[i]] for i in range(first, d)]
            x = torch.stack(parts).sum(0) + self.model.head_mlp.bias
        x = x + self.model.pos_emb_d[0, d]
        place = torch.full_like(rows, d)
        for block in self.head:
            x = block.step(x, rows, place, self.head_visible[d])
        logits: Tensor = self.model.classifier(x)
        return logits
