"""The embedded CLIP: a folder in open_clip's own schema, built and read by open_clip's factory."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from scripts.training.saving import save_weights

CONFIG_FILE = "open_clip_config.json"
WEIGHTS_FILE = "open_clip_model.safetensors"
PAD, UNK, BOS, EOS = "[PAD]", "[UNK]", "[BOS]", "[EOS]"


@dataclass(frozen=True)
class ClipShape:
    """Sizes of the two towers.

    The image tower is open_clip's ModifiedResNet (Radford et al., 2021, section 2.4): on two CPU
    cores it trains twice as fast as a ViT of the same size and needs fewer pictures, because a
    subject that moves by a few pixels needs no learning.

    Attributes:
        image_size: pixels a side the image tower sees; a multiple of 32.
        image_width: channels of the stem's output; the last stage has 32 times as many.
        image_layers: bottlenecks in each of the four stages.
        embed_dim: size of the shared space.
    """

    image_size: int = 64
    image_width: int = 24
    image_layers: tuple[int, int, int, int] = (1, 2, 2, 1)
    embed_dim: int = 256
    context: int = 32
    text_width: int = 128
    text_layers: int = 3
    text_heads: int = 4


def clip_config(shape: ClipShape, vocabulary: int) -> dict[str, Any]:
    """Contents of `open_clip_config.json` for a text vocabulary of the given size."""
    return {
        "model_cfg": {
            "embed_dim": shape.embed_dim,
            "vision_cfg": {
                "image_size": shape.image_size,
                "layers": list(shape.image_layers),
                "width": shape.image_width,
                "head_width": 64,
            },
            "text_cfg": {
                "context_length": shape.context,
                "vocab_size": vocabulary,
                "width": shape.text_width,
                "heads": shape.text_heads,
                "layers": shape.text_layers,
                "pool_type": "eos",
                "pad_id": 0,
                "eos_id": 3,
                # open_clip asks for a name, then reads the tokenizer beside this file
                "hf_tokenizer_name": "tokenizer.json",
                "tokenizer_kwargs": {"clean": "lower"},
            },
        },
        "preprocess_cfg": {
            "mean": [0.5, 0.5, 0.5],
            "std": [0.5, 0.5, 0.5],
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
    }


def prepare_folder(folder: Path, tokenizer: Path, shape: ClipShape) -> list[str]:
    """Write the configuration and the tokenizer files of a model folder.

    Args:
        folder: created if missing.
        tokenizer: a `tokenizer.json` of the tokenizers library whose ids 0..3 are [PAD], [UNK],
            [BOS] and [EOS].
        shape: sizes of the towers.

    Returns:
        Names of the files written.

    Raises:
        ValueError: the tokenizer's special tokens are not where they have to be.
    """
    words = Tokenizer.from_file(str(tokenizer))
    ids = [words.token_to_id(token) for token in (PAD, UNK, BOS, EOS)]
    if ids != [0, 1, 2, 3]:
        raise ValueError(f"{tokenizer}: {PAD}, {UNK}, {BOS}, {EOS} must be ids 0..3, not {ids}")
    words.no_padding()
    words.no_truncation()
    words.post_processor = TemplateProcessing(
        single=f"{BOS} $A {EOS}", special_tokens=[(BOS, 2), (EOS, 3)]
    )
    fast: Any = PreTrainedTokenizerFast
    wrapped = fast(
        tokenizer_object=words,
        pad_token=PAD,
        unk_token=UNK,
        bos_token=BOS,
        eos_token=EOS,
        padding_side="right",
        model_max_length=shape.context,
    )
    folder.mkdir(parents=True, exist_ok=True)
    wrapped.save_pretrained(folder)
    config = clip_config(shape, words.get_vocab_size())
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    return [CONFIG_FILE, "tokenizer.json", "tokenizer_config.json"]


def build(folder: Path, seed: int) -> tuple[Any, Any]:
    """A new model and the tokenizer of a prepared folder, made by open_clip's factory."""
    torch.manual_seed(seed)
    logging.disable(logging.WARNING)  # the factory warns that there are no weights yet
    try:
        model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    finally:
        logging.disable(logging.NOTSET)
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    return model.to(memory_format=torch.channels_last), tokenizer


def begin_with(model: Any, folder: Path) -> None:
    """Load the weights of an exported folder; those of another shape are left as they are."""
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    stored = load_file(folder / WEIGHTS_FILE)
    fitting = {name: value for name, value in stored.items() if shapes.get(name) == value.shape}
    model.load_state_dict(fitting, strict=False)


def export_weights(model: Any, folder: Path) -> Path:
    """Save the weights in half precision, where the factory looks for them.

    Scores of the stored model differ from the trained one's in the third decimal; the file halves.
    """
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    path = folder / WEIGHTS_FILE
    save_weights(path, state, {"format": "pt"})
    return path
