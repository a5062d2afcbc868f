"""The textbook sampler against the training forward pass, which reads a whole picture at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.sampling import Filters, sample, uniforms
from songdalle_core.imagegen.model.textbook import textbook_codes
from tests.imagegen.conftest import SHAPES, reshaped

PROMPT = "a painting of a red balloon over the sea"
SAMPLING = SamplingOptions(temperature=0.9, top_k=20, top_p=0.9, guidance=2.0)
SEEDS = (3, 11)


@torch.no_grad()
def predicted(generator: Generator, codes: Tensor, sampling: SamplingOptions) -> Tensor:
    """What each of the codes (N, h, w, D) is drawn as, given all before it: one pass over the picture."""
    model, config = generator.transformer, generator.transformer.config
    flat, tokenizer = codes.flatten(1, 2), generator.tokenizer  # (N, L, D)
    texts = [tokenizer.encode(PROMPT)] * len(flat)
    if generator.guided:
        flat = flat.repeat(2, 1, 1)
        texts += [tokenizer.unconditional()] * len(codes)
    logits = model(flat, generator.rqvae.quantizer.embed(flat), torch.stack(texts))  # (R, L, D, V)
    if generator.guided:
        with_text, without = logits.chunk(2)
        logits = without + sampling.guidance * (with_text - without)
    streams = [uniforms(seed, config.positions, config.depth) for seed in SEEDS]
    draws = torch.stack([torch.from_numpy(stream) for stream in streams]).flatten()
    filters = Filters.of([sampling] * len(draws), config.vocab_size)
    drawn = sample(logits.flatten(0, 2), draws, filters, config.vocab_size)
    return drawn.view(codes.shape)


@pytest.mark.parametrize("changes", [{}, *SHAPES], ids=str)
def test_it_draws_what_the_training_pass_predicts(
    generator: Generator, changes: dict[str, object]
) -> None:
    changed = reshaped(generator, **changes)
    codes = textbook_codes(changed, PROMPT, SEEDS, SAMPLING)
    assert codes.shape == (2, 4, 4, 4)
    assert torch.equal(codes, predicted(changed, codes, SAMPLING))


def test_a_model_without_guidance_reads_the_text_alone(generator: Generator) -> None:
    plain = replace(generator, sampling=SamplingOptions(top_k=20))
    codes = textbook_codes(plain, PROMPT, SEEDS)
    assert torch.equal(codes, predicted(plain, codes, plain.sampling))


def test_a_seed_draws_the_same_in_every_company(generator: Generator) -> None:
    both = textbook_codes(generator, PROMPT, SEEDS, SAMPLING)
    for seed, together in zip(SEEDS, both, strict=True):
        assert torch.equal(textbook_codes(generator, PROMPT, [seed], SAMPLING)[0], together)
