"""A small random generator in the real format; the tests of this folder draw with it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from songdalle_core.captions.layers import layer_captions
from songdalle_core.captions.plan import ABSTRACT
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.captions.vocabulary import PLACE, SCENERY, Subject, Vocabulary
from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig
from songdalle_core.imagegen.model.generator import Generator, load_generator, save_generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer
from songdalle_core.imagegen.runtimes.runtime import Runtime, choose_runtime

torch.set_num_threads(1)  # the models are tiny: threads would only wait for one another

WORDS = ("[PAD] [UNK] " + "a painting of balloon over the sea at night red heart").split()

RQVAE_CONFIG = RQVAEConfig(
    embed_dim=16,
    n_embed=64,
    code_shape=(4, 4, 4),
    ddconfig=AutoencoderConfig(
        resolution=32,
        ch=32,
        ch_mult=(1, 1),
        num_res_blocks=1,
        z_channels=32,
        attn_resolutions=(4,),
        patch_size=4,
    ),
)
TRANSFORMER_CONFIG = RQTransformerConfig(
    block_size=(4, 4, 4),
    vocab_size=64,
    vocab_size_cond=len(WORDS),
    block_size_cond=8,
    embed_dim=32,
    input_embed_dim=16,
    body=StackConfig(n_layer=2, n_head=4),
    head=StackConfig(n_layer=2, n_head=4),
)
SHAPES: tuple[dict[str, object], ...] = (
    {"body": StackConfig(1, 1), "head": StackConfig(3, 2)},
    {"embed_dim": 48, "body": StackConfig(2, 6)},  # heads of 8 channels
    {"embed_dim": 48, "body": StackConfig(2, 2)},  # heads of 24
    {"body": StackConfig(2, 4, gelu="v2"), "head": StackConfig(2, 4, gelu="v2")},
    {"body": StackConfig(2, 4, attn_bias=False, mlp_bias=False), "classifier_bias": False},
    {"cumsum_depth_ctx": False},
    {"shared_cls_emb": False},
    {"input_emb_vqvae": False, "head_emb_vqvae": False, "shared_tok_emb": False},
    {"vocab_size": 50},  # not a multiple of the kernel's vector length
)
"""Transformers of every kind of released checkpoint, as changes of `TRANSFORMER_CONFIG`."""


def reshaped(generator: Generator, **changes: object) -> Generator:
    """The generator with a transformer of another shape, and weights large enough to matter."""
    torch.manual_seed(1)
    model = RQTransformer(dataclasses.replace(TRANSFORMER_CONFIG, **changes))  # type: ignore[arg-type]
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.15)
    return dataclasses.replace(generator, transformer=model.eval().requires_grad_(False))


@pytest.fixture(scope="session")
def generator_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generator folder with random weights, large enough that text and codes matter."""
    folder = tmp_path_factory.mktemp("generator")
    torch.manual_seed(0)
    rqvae, transformer = RQVAE(RQVAE_CONFIG), RQTransformer(TRANSFORMER_CONFIG)
    for parameter in transformer.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.15)
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    sampling = SamplingOptions(temperature=1.0, top_k=32, top_p=0.95, guidance=2.0)
    prompts = PromptTokenizer(tokenizer, TRANSFORMER_CONFIG.block_size_cond)
    save_generator(folder, Generator("tiny", prompts, transformer, rqvae, sampling))
    return folder


@pytest.fixture(scope="session")
def generator(generator_folder: Path) -> Generator:
    return load_generator(generator_folder)


LAYERS = Vocabulary(
    subjects=(
        Subject("cat", "a cat", hands=("fluent", "noto")),
        Subject("bird", "a bird", hands=("noto", "classic"), stance="floats"),
    ),
    circumstances={"by the sea": (PLACE, "shore")},
    phrases={PLACE: {"shore": "by the sea"}, SCENERY: {"shore": "the shore"}},
    grounds={"shore": 2, **dict.fromkeys(ABSTRACT[None], 1)},
)


@pytest.fixture(scope="session")
def layered_generator(generator: Generator) -> Generator:
    """A generator of layers: local, with transparency, and random weights."""
    torch.manual_seed(2)
    shape = AutoencoderConfig(
        resolution=32,
        ch=16,
        ch_mult=(1, 2),
        num_res_blocks=1,
        z_channels=16,
        in_channels=4,
        out_ch=4,
        patch_size=4,
        local=True,
    )
    config = dataclasses.replace(RQVAE_CONFIG, ddconfig=shape, shared_codebook=False)
    rqvae = RQVAE(config).eval().requires_grad_(False)
    words = sorted({word for planned in layer_captions(LAYERS) for word in planned.split()})
    tokenizer = Tokenizer(
        models.WordLevel(
            {w: i for i, w in enumerate(["[PAD]", "[UNK]", *words])}, unk_token="[UNK]"
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    changes = {"vocab_size_cond": len(words) + 2, "block_size_cond": 3, "shared_cls_emb": False}
    return dataclasses.replace(
        reshaped(generator, **changes),
        tokenizer=PromptTokenizer(tokenizer, 3),
        rqvae=rqvae,
        sampling=SamplingOptions(),
        recaptioner=Recaptioner(LAYERS),
    )


@pytest.fixture(scope="session", params=["torch", "native"])
def runtime(request: pytest.FixtureRequest) -> Runtime:
    return choose_runtime(request.param, "cpu", threads=1)
