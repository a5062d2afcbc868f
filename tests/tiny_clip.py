"""A tiny random CLIP in open_clip's own folder schema, and pictures for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

Images = npt.NDArray[np.uint8]


def write_tokenizer(folder: Path) -> int:
    tokens = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["[PAD]", "[UNK]", "[BOS]", "[EOS]"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokens.train_from_iterator(["a painting of a balloon", "the sea at night"], trainer)
    tokens.post_processor = processors.TemplateProcessing(
        single="[BOS] $A [EOS]", special_tokens=[("[BOS]", 2), ("[EOS]", 3)]
    )
    fast: Any = PreTrainedTokenizerFast
    fast(
        tokenizer_object=tokens, pad_token="[PAD]", bos_token="[BOS]", eos_token="[EOS]"
    ).save_pretrained(folder)
    return int(tokens.get_vocab_size())


def write_model(folder: Path, **changes: Any) -> Path:
    """A tiny random model in open_clip's own folder schema."""
    folder.mkdir(parents=True)
    config: dict[str, Any] = {
        "model_cfg": {
            "embed_dim": 16,
            "vision_cfg": {
                "image_size": 32,
                "layers": 1,
                "width": 32,
                "head_width": 16,
                "patch_size": 8,
            },
            "text_cfg": {
                "context_length": 12,
                "vocab_size": write_tokenizer(folder),
                "width": 32,
                "heads": 2,
                "layers": 1,
                "pool_type": "eos",
                "eos_id": 3,
                "hf_tokenizer_name": "tokenizer.json",
            },
            **changes,
        },
        "preprocess_cfg": {
            "mean": [0.4, 0.5, 0.6],
            "std": [0.2, 0.3, 0.25],
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config), encoding="utf-8")
    torch.manual_seed(0)
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return folder


def pictures(count: int, height: int = 48, width: int = 48) -> Images:
    return np.random.default_rng(count).integers(0, 256, (count, height, width, 3), dtype=np.uint8)
