"""Shapes of published models, so that a plan can be made before their files are there.

A folder's own configuration goes before what stands here. Sources: kakaobrain/rq-vae-transformer (its
`configs/`; the 3.9 B model's text context is that of its 650 M one, its stacks those of the 3.8 B one on
ImageNet, which together have 3.86 B parameters), kakaobrain/minDALL-E (its configuration's defaults), the
`config.json` of each model on huggingface.co.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scripts.operations.gpus.errors import PlanError
from songdalle_core.artifacts import WEIGHTS
from songdalle_core.imagegen.model.checkpoints import mindalle_configs, rq_config, rqvae_config
from songdalle_core.imagegen.model.generator import rqvae_config as saved_rqvae
from songdalle_core.imagegen.model.generator import transformer_config
from songdalle_core.imagegen.model.rqtransformer import RQTransformerConfig
from songdalle_core.imagegen.model.rqvae import RQVAEConfig

Raw = dict[str, Any]

_PIXELS = {
    "double_z": False, "z_channels": 256, "resolution": 256, "in_channels": 3, "out_ch": 3, "ch": 128,
}  # fmt: skip
_RQVAE = {
    "hparams": {
        "embed_dim": 256, "n_embed": 16384, "latent_shape": [8, 8, 256], "code_shape": [8, 8, 4],
        "shared_codebook": True,
    },
    "ddconfig": {
        **_PIXELS, "ch_mult": [1, 1, 2, 2, 4, 4], "num_res_blocks": 2, "attn_resolutions": [8],
    },
}  # fmt: skip


def _rq(width: int, heads: int, body: int, head: int) -> Raw:
    return {
        "dataset": {"vocab_size": 16384},
        "arch": {
            "block_size": [8, 8, 4], "embed_dim": width, "input_embed_dim": 256,
            "vocab_size_cond": 16384, "block_size_cond": 32,
            "shared_tok_emb": True, "shared_cls_emb": True,
            "input_emb_vqvae": True, "head_emb_vqvae": True, "cumsum_depth_ctx": True,
            "body": {"n_layer": body, "block": {"n_head": heads}},
            "head": {"n_layer": head, "block": {"n_head": heads}},
        },
    }  # fmt: skip


_RQ = {"rq-cc3m": _rq(1280, 20, 26, 4), "rq-3.9b": _rq(2560, 40, 42, 6)}
_MINDALLE = {
    "stage1": {
        "embed_dim": 256, "n_embed": 16384,
        "hparams": {
            **_PIXELS, "ch_mult": [1, 1, 2, 2, 4], "num_res_blocks": 2, "attn_resolutions": [16],
        },
    },
    "stage2": {
        "vocab_size_txt": 16384, "vocab_size_img": 16384,
        "hparams": {"embed_dim": 1536, "n_layers": 42, "n_heads": 24, "ctx_len_txt": 64},
    },
}  # fmt: skip
GENERATORS = (*_RQ, "mindalle")

TRANSFORMERS: dict[str, Raw] = {
    "gogamza/kobart-summarization": {
        "model_type": "bart", "vocab_size": 30000, "d_model": 768, "max_position_embeddings": 1026,
        "encoder_layers": 6, "decoder_layers": 6, "encoder_attention_heads": 16,
        "decoder_attention_heads": 16, "encoder_ffn_dim": 3072, "decoder_ffn_dim": 3072,
        "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 3, "decoder_start_token_id": 2,
    },
    "skt/kobert-base-v1": {
        "model_type": "bert", "vocab_size": 8002, "hidden_size": 768, "num_hidden_layers": 12,
        "num_attention_heads": 12, "intermediate_size": 3072, "max_position_embeddings": 512,
        "pad_token_id": 1,
    },
    "Helsinki-NLP/opus-mt-ko-en": {
        "model_type": "marian", "vocab_size": 65001, "d_model": 512, "max_position_embeddings": 512,
        "encoder_layers": 6, "decoder_layers": 6, "encoder_attention_heads": 8,
        "decoder_attention_heads": 8, "encoder_ffn_dim": 2048, "decoder_ffn_dim": 2048,
        "eos_token_id": 0, "pad_token_id": 65000, "decoder_start_token_id": 65000,
    },
    "facebook/nllb-200-distilled-600M": {
        "model_type": "m2m_100", "vocab_size": 256206, "d_model": 1024,
        "max_position_embeddings": 1024, "encoder_layers": 12, "decoder_layers": 12,
        "encoder_attention_heads": 16, "decoder_attention_heads": 16, "encoder_ffn_dim": 4096,
        "decoder_ffn_dim": 4096,
        "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2,
    },
}  # fmt: skip
KOBERT = "skt/kobert-base-v1"


@dataclass(frozen=True)
class GeneratorShape:
    """A generator's name and shapes; a guided one draws every slot twice."""

    name: str
    rqvae: RQVAEConfig
    transformer: RQTransformerConfig
    guided: bool = False


def generator_shape(options: Raw) -> GeneratorShape:
    """The generator that the YAML's options choose.

    Raises:
        PlanError: its folder is neither here nor called like a published checkpoint.
    """
    backend = options.get("backend", "embedded")
    folder = WEIGHTS / "generator" if backend == "embedded" else Path(options["folder"])
    name = "embedded" if backend == "embedded" else folder.name
    if backend != "checkpoint":
        raw = json.loads(_text(folder / "config.json"))
        guided = raw["sampling"]["guidance"] > 1
        shapes = saved_rqvae(raw["rqvae"]), transformer_config(raw["transformer"])
        return GeneratorShape(name, *shapes, guided)
    if (folder / "stage2").is_dir():
        stage1 = yaml.safe_load(_text(folder / "stage1/config.yaml"))["arch"]
        stage2 = yaml.safe_load(_text(folder / "stage2/config.yaml"))
        return GeneratorShape(name, rqvae_config(stage1), rq_config(stage2))
    if (folder / "config.yaml").is_file():
        raw = yaml.safe_load(_text(folder / "config.yaml"))
        return GeneratorShape(name, *mindalle_configs(raw))
    if name in _RQ:
        return GeneratorShape(name, rqvae_config(_RQVAE), rq_config(_RQ[name]))
    if name == "mindalle":
        return GeneratorShape(name, *mindalle_configs(_MINDALLE))
    raise PlanError(
        f"the generator's folder {folder} is not here, and {name!r} is not the name of a published "
        f"checkpoint ({', '.join(GENERATORS)}): plan where the folder is"
    )


def transformer_shape(model: str) -> Any:
    """Configuration (`transformers.PretrainedConfig`) of a folder, of a model above, or of the hub's.

    Raises:
        PlanError: it cannot be read.
    """
    from transformers import AutoConfig

    raw = None if Path(model).is_dir() else TRANSFORMERS.get(model)
    if raw is None and Path(model).is_absolute() and not Path(model).is_dir():
        raise PlanError(f"the folder {model} is not here: plan where it is")
    try:
        if raw is not None:
            return AutoConfig.for_model(**raw)
        return AutoConfig.from_pretrained(model)
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise PlanError(f"the shape of {model} is not known here: {reason}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise PlanError(f"cannot read {path}: {error.strerror}") from None
