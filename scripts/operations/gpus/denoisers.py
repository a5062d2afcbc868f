"""What a denoiser takes of a GPU's memory: its networks' weights, one call of `width` rows, one decoding.

Networks are built on the meta device from a folder's configurations, or from the shapes below where the folder
is not here yet. Sources: the defaults of diffusers' classes, which are those of the published models; of the
rest, what is known of each `config.json` on huggingface.co. Weights sum up to the sizes that the cards state.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import diffusers
import torch
import torch.nn.functional as F
import transformers
from torch import Tensor, nn

from scripts.operations.gpus.errors import PlanError
from scripts.operations.gpus.footprints import Footprint, dtype_of, named
from scripts.operations.gpus.memory import Peak, stored, tensors_of
from scripts.operations.gpus.shapes import Raw
from songdalle_core.imagegen.denoisers.loading import FAMILIES
from songdalle_core.imagegen.engine.options import EngineOptions

_QWEN3_4B = {
    "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36, "num_attention_heads": 32,
    "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936, "tie_word_embeddings": True,
}  # fmt: skip
_QWEN25_VL_7B = {
    "text_config": {
        "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
        "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064,
    },
    "vision_config": {
        "depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 3584,
    },
}  # fmt: skip
_VAE = {
    "block_out_channels": (128, 256, 512, 512), "layers_per_block": 2, "latent_channels": 16,
    "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4,
}  # fmt: skip
KNOWN: dict[str, dict[str, tuple[str, Raw]]] = {
    "flux2-klein-4b": {
        "text_encoder": ("Qwen3ForCausalLM", _QWEN3_4B),
        "transformer": (
            "Flux2Transformer2DModel",
            {
                "num_layers": 5, "num_single_layers": 20, "num_attention_heads": 24,
                "joint_attention_dim": 7680, "guidance_embeds": False,
            },
        ),
        "vae": ("AutoencoderKLFlux2", {}),
    },
    "z-image-turbo": {
        "text_encoder": ("Qwen3Model", _QWEN3_4B),
        "transformer": ("ZImageTransformer2DModel", {}),
        "vae": ("AutoencoderKL", _VAE),
    },
    "qwen-image-2512": {
        "text_encoder": ("Qwen2_5_VLForConditionalGeneration", _QWEN25_VL_7B),
        "transformer": ("QwenImageTransformer2DModel", {}),
        "vae": ("AutoencoderKLQwenImage", {}),
    },
}  # fmt: skip
"""Networks of published models, by the folder's name."""
FUSED = "scaled_dot_product_attention"
PATCHED = 2
"""Latents a side of a patch."""


def denoiser(options: Raw, tunables: Raw) -> Footprint:
    """The pipeline's networks, a call of the greatest width, a decoding. Latents of slots hardly count."""
    sizes = EngineOptions(**{"width": 4, "decode_width": 1, **options.get("engine", {})})
    dtype = dtype_of(options)
    parts = {name: part.to(dtype) for name, part in networks(str(options["model"])).items()}
    vae: Any = parts["vae"]
    with torch.device("meta"), torch.no_grad(), patch.object(F, FUSED, _fused):
        latents = _latents(vae, sizes.decode_width, options, dtype)
        with Peak() as decoding:
            vae.decode(latents, return_dict=False)
        network = parts.get("transformer") or parts["unet"]
        tokens = options.get("prompt_tokens") or _family(network).PROMPT_TOKENS
        inputs = CALLS[type(network).__name__](network, sizes.width, _grid(vae, options), tokens)
        inputs = _typed(inputs, dtype)
        with Peak() as stepping:
            network(**inputs, return_dict=False)
    working = stepping.most + decoding.most  # the engine's two threads
    name = Path(str(options["model"])).name
    return Footprint(named(name, dtype), stored(*tensors_of(*parts.values())), 0, working)


def _fused(query: Tensor, key: Tensor, value: Tensor, *others: Any, **options: Any) -> Tensor:
    """Attention as a GPU's fused kernels do it: nothing of the size of tokens squared is stored."""
    return query.new_empty(*query.shape[:-1], value.shape[-1])


def networks(model: str) -> dict[str, nn.Module]:
    """The networks of a pipeline on the meta device, by the names of its parts.

    Raises:
        PlanError: its folder is not here, and its name is none of `KNOWN`.
    """
    folder = Path(model)
    index = folder / "model_index.json"
    if index.is_file():
        named_parts = json.loads(index.read_text(encoding="utf-8"))
        shapes = {
            name: (kind[1], json.loads((folder / name / "config.json").read_text("utf-8")))
            for name, kind in named_parts.items()
            if isinstance(kind, list) and (folder / name / "config.json").is_file()
        }
    elif folder.name in KNOWN:
        shapes = KNOWN[folder.name]
    else:
        raise PlanError(
            f"the folder {model} is not here, and {folder.name!r} is not the name of a known model "
            f"({', '.join(KNOWN)}): plan where the folder is"
        )
    with torch.device("meta"):
        return {name: _built(kind, config) for name, (kind, config) in shapes.items()}


def _built(kind: str, config: Raw) -> nn.Module:
    if hasattr(diffusers, kind):
        made: nn.Module = getattr(diffusers, kind).from_config(config)
        return made.eval()
    built: nn.Module
    maker = getattr(transformers, kind)
    built = maker(maker.config_class(**config))
    return built.eval()


def _family(network: nn.Module) -> Any:
    """The family that has a network of this class."""
    return FAMILIES[PIPELINES[type(network).__name__]]


def _factor(vae: Any) -> int:
    """Pixels a side of a latent."""
    if hasattr(vae, "temperal_downsample"):
        return int(2 ** len(vae.temperal_downsample))
    channels = vae.config.get("block_out_channels") or vae.config.decoder_block_out_channels
    return int(2 ** (len(channels) - 1))


def _grid(vae: Any, options: Raw) -> tuple[int, int]:
    factor = _factor(vae)
    return options["height"] // factor, options["width"] // factor


def _latents(vae: Any, rows: int, options: Raw, dtype: torch.dtype) -> Tensor:
    channels = vae.config.get("z_dim") or vae.config.latent_channels
    frames = (1,) if vae.config.get("z_dim") else ()
    return torch.zeros(rows, channels, *frames, *_grid(vae, options), dtype=dtype)


def _typed(inputs: Mapping[str, Any], dtype: torch.dtype) -> Raw:
    """Floating point inputs in the network's type."""

    def typed(value: Any) -> Any:
        if isinstance(value, list):
            return [typed(each) for each in value]
        if isinstance(value, dict):
            return {name: typed(each) for name, each in value.items()}
        floating = isinstance(value, Tensor) and value.is_floating_point()
        return value.to(dtype) if floating else value

    return {name: typed(value) for name, value in inputs.items()}


# ---- what each network is called with: W rows, latents of a grid (h, w), L tokens ----


def _unet(network: Any, rows: int, grid: tuple[int, int], tokens: int) -> Raw:
    config = network.config
    inputs: Raw = {
        "sample": torch.zeros(rows, config.in_channels, *grid),
        "timestep": torch.zeros(rows),
        "encoder_hidden_states": torch.zeros(rows, tokens, config.cross_attention_dim),
    }
    if config.addition_embed_type == "text_time":
        pooled = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
        told = {"text_embeds": torch.zeros(rows, pooled), "time_ids": torch.zeros(rows, 6)}
        inputs["added_cond_kwargs"] = told
    return inputs


def _sequence(network: Any, rows: int, grid: tuple[int, int], tokens: int) -> Raw:
    config = network.config
    patches = grid[0] // PATCHED * (grid[1] // PATCHED)
    return {
        "hidden_states": torch.zeros(rows, patches, config.in_channels),
        "encoder_hidden_states": torch.zeros(rows, tokens, config.joint_attention_dim),
        "timestep": torch.zeros(rows),
    }


def _flux(network: Any, rows: int, grid: tuple[int, int], tokens: int) -> Raw:
    inputs = _sequence(network, rows, grid, tokens)
    patches = inputs["hidden_states"].shape[1]
    return {
        **inputs,
        "pooled_projections": torch.zeros(rows, network.config.pooled_projection_dim),
        "txt_ids": torch.zeros(tokens, 3),
        "img_ids": torch.zeros(patches, 3),
    }


def _flux2(network: Any, rows: int, grid: tuple[int, int], tokens: int) -> Raw:
    inputs = _sequence(network, rows, grid, tokens)
    patches = inputs["hidden_states"].shape[1]
    return {
        **inputs,
        "txt_ids": torch.zeros(rows, tokens, 4),
        "img_ids": torch.zeros(rows, patches, 4),
    }


def _qwen(network: Any, rows: int, grid: tuple[int, int], tokens: int) -> Raw:
    mask = torch.ones(rows, tokens, dtype=torch.bool)
    shape = (1, grid[0] // PATCHED, grid[1] // PATCHED)
    inputs = _sequence(network, rows, grid, tokens)
    return {**inputs, "encoder_hidden_states_mask": mask, "img_shapes": [[shape]] * rows}


def _z_image(network: Any, rows: int, grid: tuple[int, int], tokens: int) -> Raw:
    planes = torch.zeros(rows, network.config.in_channels, 1, *grid)
    captions = torch.zeros(rows, tokens, network.config.cap_feat_dim)
    return {"x": list(planes), "t": torch.zeros(rows), "cap_feats": list(captions)}


CALLS: dict[str, Callable[[Any, int, tuple[int, int], int], Raw]] = {
    "UNet2DConditionModel": _unet,
    "FluxTransformer2DModel": _flux,
    "Flux2Transformer2DModel": _flux2,
    "QwenImageTransformer2DModel": _qwen,
    "ZImageTransformer2DModel": _z_image,
}
PIPELINES = {
    "UNet2DConditionModel": "StableDiffusionPipeline",
    "FluxTransformer2DModel": "FluxPipeline",
    "Flux2Transformer2DModel": "Flux2KleinPipeline",
    "QwenImageTransformer2DModel": "QwenImagePipeline",
    "ZImageTransformer2DModel": "ZImagePipeline",
}
"""A pipeline with each class of network."""
