"""Models to measure: the shipped one, random ones of published sizes, or any folder."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig
from songdalle_core.imagegen.model.checkpoints import load_checkpoint
from songdalle_core.imagegen.model.generator import EMBEDDED, FILES, Generator, load_generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig
from songdalle_core.imagegen.model.tokenizer import PAD, PromptTokenizer

PROMPT = "a painting of a balloon over the sea at night"
TEXT_LENGTH = 32

# `measure_throughput` of kakaobrain/rq-vae-transformer calls this shape "medium", with the RQ-VAE of the
# paper's table 1 (f = 32, 16,384 codes)
MEDIUM = RQTransformerConfig(
    block_size=(8, 8, 4),
    vocab_size=16384,
    vocab_size_cond=1000,
    block_size_cond=TEXT_LENGTH,
    embed_dim=1024,
    input_embed_dim=256,
    body=StackConfig(n_layer=24, n_head=16),
    head=StackConfig(n_layer=4, n_head=16),
)
MEDIUM_RQVAE = RQVAEConfig(
    embed_dim=256,
    n_embed=16384,
    code_shape=(8, 8, 4),
    ddconfig=AutoencoderConfig(
        resolution=256,
        ch=128,
        ch_mult=(1, 1, 2, 2, 4, 4),
        num_res_blocks=2,
        z_channels=256,
        attn_resolutions=(8,),
    ),
)


def load_shape(shape: str) -> Generator:
    """The generator of "embedded", "350m" (random weights) or a folder.

    Raises:
        ValueError: it is none of these.
    """
    if shape == EMBEDDED:
        return load_generator()
    if shape == "350m":
        return random_generator("350m", MEDIUM, MEDIUM_RQVAE)
    if (Path(shape) / FILES[0]).is_file():
        return load_generator(shape)
    if Path(shape).is_dir():
        return load_checkpoint(shape)
    raise ValueError(f"shape {shape!r} is not embedded, 350m or a generator's folder")


def random_generator(name: str, config: RQTransformerConfig, rqvae: RQVAEConfig) -> Generator:
    """A generator of this shape that draws noise, at the speed of a trained one."""
    torch.manual_seed(0)
    transformer, autoencoder = RQTransformer(config), RQVAE(rqvae)
    for parameter in transformer.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.02)
    for module in (transformer, autoencoder):
        module.eval().requires_grad_(False)
    autoencoder.to(memory_format=torch.channels_last)
    words = {word: number for number, word in enumerate((PAD, "[UNK]", *PROMPT.split()))}
    vocabulary = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    vocabulary.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PromptTokenizer(vocabulary, config.block_size_cond)
    sampling = SamplingOptions(temperature=1.0, top_k=min(1024, config.vocab_size), top_p=0.95)
    return Generator(name, tokenizer, transformer, autoencoder, sampling)
