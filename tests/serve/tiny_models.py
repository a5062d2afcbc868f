"""Small random models in the real formats, for a checkout without the embedded weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig
from songdalle_core.imagegen.model.generator import Generator, save_generator
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer

SAID = ["a painting of a pretty dream of flying in a balloon. a mood of joyful", "the sea at night"]
SPECIAL = ["[PAD]", "[UNK]", "[BOS]", "[EOS]"]


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SAID, trainer)
    return tokenizer


def write_generator(folder: Path) -> Path:
    """A generator of 64 x 64 pixels from 8 x 8 x 2 codes."""
    torch.manual_seed(0)
    tokenizer = _tokenizer()
    pixels = AutoencoderConfig(
        resolution=64,
        ch=32,
        ch_mult=(1, 1),
        num_res_blocks=1,
        z_channels=32,
        attn_resolutions=(),
        patch_size=4,
    )
    codes = RQVAEConfig(embed_dim=16, n_embed=64, code_shape=(8, 8, 2), ddconfig=pixels)
    shape = RQTransformerConfig(
        block_size=(8, 8, 2),
        vocab_size=64,
        vocab_size_cond=tokenizer.get_vocab_size(),
        block_size_cond=24,
        embed_dim=64,
        input_embed_dim=16,
        body=StackConfig(n_layer=2, n_head=4),
        head=StackConfig(n_layer=1, n_head=4),
    )
    rqvae, transformer = RQVAE(codes), RQTransformer(shape)
    for parameter in transformer.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.15)
    sampling = SamplingOptions(temperature=1.0, top_k=32, top_p=0.95, guidance=2.0)
    prompts = PromptTokenizer(tokenizer, shape.block_size_cond)
    save_generator(folder, Generator("tiny", prompts, transformer, rqvae, sampling))
    return folder


def write_clip(folder: Path) -> Path:
    """A CLIP model in open_clip's local folder format."""
    tokenizer = _clip_tokenizer(folder)
    vision = {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8}
    text = {
        "context_length": 24,
        "vocab_size": tokenizer.get_vocab_size(),
        "width": 32,
        "heads": 2,
        "layers": 1,
        "pool_type": "eos",
        "eos_id": 3,
        "hf_tokenizer_name": "tokenizer.json",
    }
    pixels = {"mean": [0.5] * 3, "std": [0.25] * 3, "resize_mode": "shortest"}
    return _open_clip(folder, {"embed_dim": 16, "vision_cfg": vision, "text_cfg": text}, pixels)


def write_siglip2(folder: Path) -> Path:
    """A SigLIP2 model in open_clip's local folder format: a timm tower, a sigmoid's bias."""
    tokenizer = _clip_tokenizer(folder)
    vision = {
        "image_size": 32,
        "timm_model_name": "test_vit",
        "timm_model_pretrained": False,
        "timm_pool": "map",
        "timm_proj": "none",
    }
    text = {
        "context_length": 64,
        "vocab_size": tokenizer.get_vocab_size(),
        "hf_tokenizer_name": "tokenizer.json",
        "tokenizer_kwargs": {"clean": "canonicalize"},
        "width": 64,
        "heads": 2,
        "layers": 1,
        "no_causal_mask": True,
        "proj_bias": True,
        "pool_type": "last",
        "norm_kwargs": {"eps": 1e-6},
        "act_kwargs": {"approximate": "tanh"},
    }
    model = {"embed_dim": 64, "init_logit_bias": -10, "custom_text": True}
    pixels = {"mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"}
    return _open_clip(folder, {**model, "vision_cfg": vision, "text_cfg": text}, pixels)


def _clip_tokenizer(folder: Path) -> Tokenizer:
    folder.mkdir(parents=True)
    tokenizer = _tokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[BOS] $A [EOS]", special_tokens=[("[BOS]", 2), ("[EOS]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", bos_token="[BOS]", eos_token="[EOS]"
    ).save_pretrained(folder)
    return tokenizer


def _open_clip(folder: Path, model: dict[str, Any], pixels: dict[str, Any]) -> Path:
    config = {"model_cfg": model, "preprocess_cfg": {**pixels, "interpolation": "bicubic"}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    built = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    save_file(built.state_dict(), folder / "open_clip_model.safetensors")
    return folder
