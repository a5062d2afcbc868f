"""Drawing without any cache: what every faster way has to agree with."""

from __future__ import annotations

import numpy as np
import torch

from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.sampling import Filters, SamplingOptions, sample, uniforms


@torch.no_grad()
def textbook_codes(
    generator: Generator, prompt: str, seed: int, options: SamplingOptions
) -> np.ndarray:
    """Codes drawn one by one with the training forward pass over the whole picture each time."""
    model, config = generator.transformer, generator.transformer.config
    cond = torch.stack([generator.tokenizer.encode(prompt), generator.tokenizer.unconditional()])
    draws = torch.from_numpy(uniforms(seed, config.positions, config.depth))
    codes = torch.zeros(1, config.positions, config.depth, dtype=torch.int64)
    filters = Filters.of([options], config.vocab_size)
    for position in range(config.positions):
        for d in range(config.depth):
            both = codes.repeat(2, 1, 1)
            vectors = generator.rqvae.quantizer.embed(both)
            with_text, without = model(both, vectors, cond)[:, position, d]
            guided = without + options.guidance * (with_text - without)
            codes[0, position, d] = sample(
                guided[None], draws[position, d : d + 1], filters, config.vocab_size
            )
    height, width, depth = config.block_size
    return codes.view(height, width, depth).numpy()
