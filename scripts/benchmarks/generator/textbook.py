"""The textbook way to sample: a cache that grows by concatenation, the text once for every candidate, a draw
by `multinomial`, and pictures decoded one by one. What the engine is measured against."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from songdalle_core.imagegen.model.autoencoder import to_pixels
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.rqtransformer import Block, SelfAttention

Cache = list[tuple[Tensor, Tensor] | None]


@dataclass(frozen=True)
class Seconds:
    """Where the time of a set went."""

    prefill: float
    autoregression: float
    decode: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.prefill + self.autoregression + self.decode


class TextbookSampler:
    """Draws one request at a time."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator
        self.model, self.config = generator.transformer, generator.transformer.config

    @torch.inference_mode()
    def draw(self, prompt: str, candidates: int, seed: int) -> tuple[Tensor, Seconds]:
        """Pictures uint8 (N, R, R, 3) and the time they took."""
        started = time.perf_counter()
        branches = 2 if self.generator.guided else 1
        texts = [self.generator.read(prompt)] * candidates
        if branches == 2:
            texts += [self.generator.tokenizer.unconditional()] * candidates
        cache: Cache = [None] * self.config.body.n_layer
        text = self.model.cond_emb(torch.stack(texts)) + self.model.pos_emb_cond
        context = _through(self.model.body_transformer.blocks, text, cache)[:, -1:]
        prefilled = time.perf_counter()
        codes = self._codes(context, cache, torch.Generator().manual_seed(seed))
        drawn = time.perf_counter()
        shape = (candidates, *self.config.block_size)
        pictures = [to_pixels(self.generator.rqvae.decode(c)) for c in codes.view(shape).split(1)]
        seconds = Seconds(prefilled - started, drawn - prefilled, time.perf_counter() - drawn)
        return torch.cat(pictures), seconds

    def _codes(self, context: Tensor, cache: Cache, stream: torch.Generator) -> Tensor:
        """Codes (N, L, D)."""
        embed, positions = self.generator.rqvae.quantizer.embed, []
        for position in range(self.config.positions):
            codes: list[Tensor] = []
            head_cache: Cache = [None] * self.config.head.n_layer
            x = context
            for d in range(self.config.depth):
                if d:
                    vectors = embed(torch.stack(codes, dim=-1))  # (N, d, E)
                    x = self._both(self.model.head_mlp(vectors.sum(dim=1, keepdim=True)))
                x = x + self.model.pos_emb_d[:, d : d + 1]
                x = _through(self.model.head_transformer.blocks, x, head_cache)
                codes.append(self._choose(self.model.classifier.at(x[:, 0], d), stream))
            positions.append(torch.stack(codes, dim=-1))
            if position + 1 < self.config.positions:
                read = self.model.input_mlp(embed(positions[-1])).sum(dim=1, keepdim=True)
                x = self._both(read + self.model.pos_emb_hw[:, position : position + 1])
                context = _through(self.model.body_transformer.blocks, x, cache)
        return torch.stack(positions, dim=1)

    def _both(self, x: Tensor) -> Tensor:
        return torch.cat([x, x]) if self.generator.guided else x

    def _choose(self, logits: Tensor, stream: torch.Generator) -> Tensor:
        options = self.generator.sampling
        if self.generator.guided:
            with_text, without = logits.chunk(2)
            logits = without + options.guidance * (with_text - without)
        logits = logits / options.temperature
        if options.top_k:
            least = torch.topk(logits, options.top_k, dim=1).values[:, -1:]
            logits = logits.masked_fill(logits < least, -torch.inf)
        probabilities = torch.softmax(logits, dim=1)
        if options.top_p < 1:
            ranked, order = probabilities.sort(dim=1, descending=True)
            ranked[ranked.cumsum(dim=1) - ranked >= options.top_p] = 0
            probabilities = torch.zeros_like(ranked).scatter(1, order, ranked)
        return torch.multinomial(probabilities, 1, generator=stream)[:, 0]


def _through(blocks: torch.nn.Module, x: Tensor, cache: Cache) -> Tensor:
    """x (N, T, C) after the blocks; every block's keys and values are appended to the cache."""
    assert isinstance(blocks, torch.nn.ModuleList)
    for index, block in enumerate(blocks):
        assert isinstance(block, Block)
        attention = block.attn
        assert isinstance(attention, SelfAttention)
        normed = block.ln1(x)
        q, k, v = (
            layer(normed).unflatten(-1, (attention.n_head, -1)).transpose(1, 2)
            for layer in (attention.query, attention.key, attention.value)
        )
        kept = cache[index]
        if kept is not None:
            k, v = torch.cat([kept[0], k], dim=2), torch.cat([kept[1], v], dim=2)
        cache[index] = (k, v)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=x.shape[1] > 1)
        x = x + attention.proj(attended.transpose(1, 2).flatten(2))
        x = x + block.mlp(block.ln2(x))
    return x
