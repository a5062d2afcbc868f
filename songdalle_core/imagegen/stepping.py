"""One batched step of drawing: a group of slots gets the D codes of its next positions.

The arithmetic of `RQTransformer.forward`, arranged for drawing: keys and values live in preallocated
caches, query, key and value are one product, and the code vectors pass `input_mlp` and `head_mlp` once at
start-up (they are tables afterwards). A group of W slots is 2 W rows: row i draws slot i with its text and
row W + i the same slot without, for guidance. Every step of a group has the same shapes whatever its
slots' ages, and a row's arithmetic does not look at the other rows: a candidate comes out the same alone
and in a crowd.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from songdalle_core.imagegen.rqtransformer import Block, RQTransformer, SelfAttention
from songdalle_core.imagegen.rqvae import RQVAE


class CachedBlock:
    """A transformer block that reads one new token a row and remembers keys and values.

    The caches are (groups, rows, heads, length, C / heads).
    """

    def __init__(self, block: Block, groups: int, rows: int, length: int) -> None:
        attention = block.attn
        assert isinstance(attention, SelfAttention)
        layers = (attention.query, attention.key, attention.value)
        self.block, self.attention = block, attention
        self.heads = attention.n_head
        self.qkv_weight = torch.cat([layer.weight for layer in layers]).detach()
        biased = attention.query.bias is not None
        self.qkv_bias = torch.cat([layer.bias for layer in layers]).detach() if biased else None
        size = attention.proj.in_features // self.heads
        self.keys = self.qkv_weight.new_zeros(groups, rows, self.heads, length, size)
        self.values = torch.zeros_like(self.keys)
        self._all = torch.arange(rows)

    def _qkv(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Query, key, value (..., heads, C / heads) of x (..., C)."""
        flat = F.linear(self.block.ln1(x), self.qkv_weight, self.qkv_bias)
        q, k, v = flat.view(*x.shape[:-1], 3, self.heads, -1).unbind(-3)
        return q, k, v

    def _finish(self, x: Tensor, attended: Tensor) -> Tensor:
        x = x + self.attention.proj(attended)
        return x + self.block.mlp(self.block.ln2(x))

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Output (1, T, C) and keys and values (2, heads, T, C / heads) of a text x (1, T, C)."""
        q, k, v = (t.transpose(1, 2) for t in self._qkv(x))  # (1, heads, T, C / heads)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        output = self._finish(x, attended.transpose(1, 2).reshape(x.shape))
        return output, torch.cat([k, v])

    def step(self, x: Tensor, group: int, place: Tensor, mask: Tensor) -> Tensor:
        """Advance x (R, C): store at `place` (R,), attend where `mask` (R, 1, 1, length) is 0."""
        q, k, v = self._qkv(x)  # (R, heads, C / heads)
        keys, values = self.keys[group], self.values[group]
        keys[self._all, :, place] = k
        values[self._all, :, place] = v
        attended = F.scaled_dot_product_attention(q.unsqueeze(2), keys, values, attn_mask=mask)
        return self._finish(x, attended.squeeze(2).reshape(x.shape))


class Stepper:
    """Draws code maps in groups of `width` slots.

    Args:
        model: the transformer, in evaluation mode.
        rqvae: where the code vectors come from.
        groups: how many groups the caches hold.
        width: slots of a group; its rows are twice as many.
    """

    def __init__(self, model: RQTransformer, rqvae: RQVAE, groups: int, width: int) -> None:
        config = model.config
        self.model, self.config, self.width = model, config, width
        length = config.block_size_cond + config.positions - 1
        self.body = _blocks(model.body_transformer, groups, 2 * width, length)
        self.head = _blocks(model.head_transformer, 1, 2 * width, config.depth)
        quantizer, vocab = rqvae.quantizer, config.vocab_size
        books = [quantizer.codebook(d).weight[:vocab] for d in range(config.depth)]
        self.body_table, self.head_table, self.head_bias = model.tables(torch.stack(books))
        # additive masks: entry p shows the first p + 1 places
        self.visible = _causal_mask(length).view(length, 1, 1, length)
        self.head_visible = _causal_mask(config.depth).view(config.depth, 1, 1, 1, config.depth)
        self._head_places = torch.arange(config.depth).unsqueeze(1).repeat(1, 2 * width)

    @torch.inference_mode()
    def read_text(self, cond: Tensor) -> tuple[Tensor, Tensor]:
        """One pass over text tokens (P,): the context (C,) of position 0 and the prefix.

        The prefix is every block's keys and values (blocks, 2, heads, P, C / heads).
        """
        x = self.model.cond_emb(cond.unsqueeze(0)) + self.model.pos_emb_cond
        prefix = []
        for block in self.body:
            x, kept = block.read(x)
            prefix.append(kept)
        return x[0, -1], torch.stack(prefix)

    @torch.inference_mode()
    def place_text(self, prefix: Tensor, group: int, row: int) -> None:
        """Give a row the prefix that `read_text` returned."""
        text = self.config.block_size_cond
        for block, (keys, values) in zip(self.body, prefix, strict=True):
            block.keys[group, row, :, :text] = keys
            block.values[group, row, :, :text] = values

    @torch.inference_mode()
    def context(self, previous: Tensor, position: Tensor, group: int) -> Tensor:
        """Contexts (R, C) of each row's `position` >= 1 (R,) from the codes (R, D) before it."""
        depths = range(self.config.depth)
        x = torch.stack([self.body_table[d, previous[:, d]] for d in depths]).sum(0)
        x = x + self.model.pos_emb_hw[0, position - 1]
        place = self.config.block_size_cond + position - 1
        mask = self.visible[place]
        for block in self.body:
            x = block.step(x, group, place, mask)
        return x

    @torch.inference_mode()
    def logits(self, context: Tensor, earlier: list[Tensor]) -> Tensor:
        """Logits (R, V) at depth `len(earlier)`, given the position's earlier codes (R,) each."""
        d = len(earlier)
        if d == 0:
            x = context
        else:
            parts = [self.head_table[i, earlier[i]] for i in range(self._first(d), d)]
            x = torch.stack(parts).sum(0) + self.head_bias
        x = x + self.model.pos_emb_d[0, d]
        for block in self.head:
            x = block.step(x, 0, self._head_places[d], self.head_visible[d])
        return self.model.classifier.at(x, d)

    def _first(self, d: int) -> int:
        """The first earlier depth that the head reads at depth `d`."""
        summed = self.config.cumsum_depth_ctx and self.config.head_emb_vqvae
        return 0 if summed else d - 1


def _blocks(stack: nn.Module, groups: int, rows: int, length: int) -> list[CachedBlock]:
    blocks = stack.blocks
    assert isinstance(blocks, nn.ModuleList)
    return [
        CachedBlock(block, groups, rows, length) for block in blocks if isinstance(block, Block)
    ]


def _causal_mask(length: int) -> Tensor:
    return torch.full((length, length), -torch.inf).triu(1)
