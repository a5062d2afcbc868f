"""From text to codes the plain way: one request, one code after the other. Read this first.

A candidate is one code map, or one for each of its layers; either way each map is drawn from a caption and a
stream of random numbers.

Lee et al., CVPR 2022, arXiv 2203.01941, section 3.2. The body reads the text and the positions drawn so far and
gives a context; the head begins with the context and draws the position's D codes, each after the codes before
it. Keys and values are remembered in caches that grow by concatenation, and the text is read once for every
candidate. Everything faster in this package has to draw the same codes from the same seeds.

Shapes: N code maps, R rows (N, or 2 N with guidance: with the text, then without), L positions, D depths,
C channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqtransformer import Block, SelfAttention, Stack, normed
from songdalle_core.imagegen.model.sampling import Filters, sample, uniforms

Cache = dict[int, tuple[Tensor, Tensor]]
"""Keys and values (R, heads, T, C / heads) of each block."""


def textbook_codes(
    generator: Generator,
    prompt: str,
    seeds: Sequence[int],
    sampling: SamplingOptions | None = None,
) -> Tensor:
    """Codes (N, h, w, D) of a prompt, candidate by candidate, all its layers in order.

    `sampling` is the generator's own unless given.
    """
    maps = code_maps(generator, prompt, seeds)
    context, cache = prefill(generator, [one.caption for one in maps])
    return draw_codes(generator, context, cache, maps, sampling or generator.sampling)


class DrawnMap(NamedTuple):
    """A code map to draw: the candidate's seed, which of its layers it is, and what is read for it."""

    seed: int
    layer: int
    caption: str


def code_maps(generator: Generator, prompt: str, seeds: Sequence[int]) -> list[DrawnMap]:
    """The code maps of a prompt's candidates, candidate by candidate."""
    return [
        DrawnMap(seed, layer, caption)
        for seed in seeds
        for layer, caption in enumerate(generator.captions(prompt, seed))
    ]


@torch.inference_mode()
def prefill(generator: Generator, captions: Sequence[str]) -> tuple[Tensor, Cache]:
    """Read a caption for each code map: the first position's context (R, 1, C), and the body's cache."""
    texts = [generator.tokenizer.encode(caption) for caption in captions]
    if generator.guided:
        texts += [generator.tokenizer.unconditional()] * len(captions)
    model, cache = generator.transformer, Cache()
    x = model.cond_emb(torch.stack(texts)) + model.pos_emb_cond  # (R, P, C)
    return advance(model.body_transformer, x, cache)[:, -1:], cache


@torch.inference_mode()
def draw_codes(
    generator: Generator,
    context: Tensor,
    cache: Cache,
    maps: Sequence[DrawnMap],
    sampling: SamplingOptions,
) -> Tensor:
    """Codes (N, h, w, D), one after the other, from what `prefill` gave."""
    model, config = generator.transformer, generator.transformer.config
    embed = generator.rqvae.quantizer.embed
    branches = 2 if generator.guided else 1
    streams = [uniforms(seed, config.positions, config.depth, layer) for seed, layer, _ in maps]
    draws = torch.stack([torch.from_numpy(stream) for stream in streams])  # (N, L, D)
    filters = Filters.of([sampling] * len(maps), config.vocab_size)
    ranks = sampling.ranks(config.vocab_size)
    codes = torch.zeros(len(maps), config.positions, config.depth, dtype=torch.int64)
    for position in range(config.positions):
        if position > 0:
            before = codes[:, position - 1 : position]  # (N, 1, D)
            x = model.body_input(before, embed(before)) + model.pos_emb_hw[:, position - 1, None]
            context = advance(model.body_transformer, x.repeat(branches, 1, 1), cache)
        here, head_cache, x = codes[:, position : position + 1], Cache(), context  # (N, 1, D)
        for d in range(config.depth):
            if d > 0:
                earlier = here[..., :d]
                x = model.head_input(earlier, embed(earlier))[:, :, -1].repeat(branches, 1, 1)
            x = advance(model.head_transformer, x + model.pos_emb_d[:, d, None], head_cache)
            logits = model.classifier.at(x[:, 0], d)  # (R, V)
            if generator.guided:
                with_text, without = logits.chunk(2)
                logits = without + sampling.guidance * (with_text - without)
            here[:, 0, d] = sample(logits, draws[:, position, d], filters, ranks)
    return codes.view(-1, *config.block_size)


def advance(stack: Stack, x: Tensor, cache: Cache) -> Tensor:
    """x (R, T, C) after the blocks, which read what `cache` remembers, and remember it."""
    for index, block in enumerate(stack.blocks):
        assert isinstance(block, Block)
        attention = block.attn
        assert isinstance(attention, SelfAttention)
        tokens = normed(block.ln1, x)
        q, k, v = (  # (R, T, C) -> (R, heads, T, C / heads)
            layer(tokens).unflatten(-1, (attention.n_head, -1)).transpose(1, 2)
            for layer in (attention.query, attention.key, attention.value)
        )
        if index in cache:
            k, v = (torch.cat(pair, dim=2) for pair in zip(cache[index], (k, v), strict=True))
        cache[index] = (k, v)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=x.shape[1] > 1)
        x = x + attention.proj(attended.transpose(1, 2).flatten(2))
        x = x + block.mlp(normed(block.ln2, x))
    return x
