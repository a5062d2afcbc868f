"""Published checkpoints, read as they were published.

Two layouts of folder, both with text vocabulary files `bpe-16k-vocab.json` and `bpe-16k-merges.txt` in
`tokenizer/`:

- kakaobrain/rq-vae-transformer: `stage1/` and `stage2/`, each with `config.yaml` and `model.pt`. The archives
  hold no vocabulary; `scripts/operations/download_weights.py` puts it beside them.
- kakaobrain/minDALL-E: `config.yaml`, `stage1_last.ckpt`, `stage2_last.ckpt` and `tokenizer/`. It is an
  RQ-Transformer of depth 1 without a head, so that the same engine draws with it.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig
from songdalle_core.imagegen.model.generator import Generator, load_weights
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer

Raw = dict[str, Any]

# what the authors sampled with: the notebook of the one, the defaults of the other
RQ_SAMPLING = SamplingOptions(temperature=1.0, top_k=1024, top_p=0.95)
MINDALLE_SAMPLING = SamplingOptions(temperature=1.0, top_k=256)

# minDALL-E's names for what RQTransformer and RQVAE call otherwise
MINDALLE_NAMES = {
    "tok_emb_txt.": "cond_emb.",
    "tok_emb_img.": "tok_emb.",
    "pos_emb_txt.weight": "pos_emb_cond",
    "pos_emb_img.weight": "pos_emb_hw",
    "blocks.": "body_transformer.blocks.",
    "ln_f.": "classifier.layer_norm.",
    "head_img.": "classifier.linear.",
    "quantize.embedding.weight": "quantizer.codebooks.0.weight",
}
TRAINING_ONLY = ("cond_classifier.", "head_txt.")  # they predict the text


class CheckpointError(ValueError):
    """A folder is not a checkpoint of a known layout, or its parts do not fit together."""


def load_checkpoint(folder: str | Path, *, ema: bool = False) -> Generator:
    """The generator of a published folder, in evaluation mode.

    Args:
        folder: one of the two layouts above.
        ema: take the averaged weights (`state_dict_ema`) of `stage2` where there are any.

    Raises:
        CheckpointError: a file is missing, damaged or of another model.
    """
    folder = Path(folder)
    if (folder / "stage2").is_dir():
        rqvae, transformer = _load_rq(folder, ema)
        sampling = RQ_SAMPLING
    elif (folder / "stage2_last.ckpt").is_file():
        rqvae, transformer = _load_mindalle(folder)
        sampling = MINDALLE_SAMPLING
    else:
        raise CheckpointError(
            f"{folder} is no checkpoint: it needs stage1/ and stage2/ (RQ-Transformer) or "
            "stage1_last.ckpt and stage2_last.ckpt (minDALL-E)"
        )
    vocabulary = folder / "tokenizer"
    try:
        tokenizer = PromptTokenizer.from_char_bpe(vocabulary, transformer.config.block_size_cond)
    except FileNotFoundError as missing:
        raise CheckpointError(f"{missing}: the checkpoint's text vocabulary") from None
    for module in (rqvae, transformer):
        module.eval().requires_grad_(False)
    return Generator(folder.name, tokenizer, transformer, rqvae, sampling)


def _load_rq(folder: Path, ema: bool) -> tuple[RQVAE, RQTransformer]:
    stage1, stage2 = _config(folder / "stage1/config.yaml"), _config(folder / "stage2/config.yaml")
    rqvae = RQVAE(rqvae_config(stage1["arch"]))
    transformer = RQTransformer(rq_config(stage2))
    _fill(rqvae, _state(folder / "stage1/model.pt"))
    _fill(
        transformer, _state(folder / "stage2/model.pt", "state_dict_ema" if ema else "state_dict")
    )
    return rqvae, transformer


def _load_mindalle(folder: Path) -> tuple[RQVAE, RQTransformer]:
    config = _config(folder / "config.yaml")
    rqvae_shape, transformer_shape = mindalle_configs(config)
    rqvae, transformer = RQVAE(rqvae_shape), RQTransformer(transformer_shape)
    stage1 = _renamed(_state(folder / "stage1_last.ckpt"))
    codebook = stage1["quantizer.codebooks.0.weight"]
    padding = codebook.new_zeros(1, codebook.shape[1])  # RQVAE's row for "no code"
    _fill(rqvae, {**stage1, "quantizer.codebooks.0.weight": torch.cat([codebook, padding])})
    stage2 = _renamed(_state(folder / "stage2_last.ckpt"))
    for name in ("pos_emb_cond", "pos_emb_hw"):
        stage2[name] = stage2[name].unsqueeze(0)
    _fill(transformer, {**stage2, "pos_emb_d": torch.zeros_like(transformer.pos_emb_d)})
    return rqvae, transformer


def rqvae_config(arch: Raw) -> RQVAEConfig:
    """The shape of a `stage1` architecture (`type: rq-vae`).

    Raises:
        CheckpointError: it folds several positions into one code, which no released model does.
    """
    parts, dd = arch["hparams"], arch["ddconfig"]
    if list(parts["latent_shape"][:2]) != list(parts["code_shape"][:2]):
        raise CheckpointError("latent_shape and code_shape differ: such an RQ-VAE is not supported")
    return RQVAEConfig(
        embed_dim=parts["embed_dim"],
        n_embed=_same(parts["n_embed"], "n_embed"),
        code_shape=tuple(parts["code_shape"]),
        ddconfig=_autoencoder(dd),
        shared_codebook=parts.get("shared_codebook", False),
    )


def rq_config(config: Raw) -> RQTransformerConfig:
    """The shape of a `stage2` configuration (`type: rq-transformer`), with its authors' defaults."""
    arch = config["arch"]
    vocab = arch.get("vocab_size") or config["dataset"]["vocab_size"]
    readers = ("input_emb_vqvae", "head_emb_vqvae", "cumsum_depth_ctx")
    flags = (*readers, "shared_tok_emb", "shared_cls_emb")
    return RQTransformerConfig(
        block_size=tuple(arch["block_size"]),
        vocab_size=_same(vocab, "vocab_size"),
        vocab_size_cond=arch["vocab_size_cond"],
        block_size_cond=arch["block_size_cond"],
        embed_dim=arch["embed_dim"],
        input_embed_dim=arch.get("input_embed_dim") or 1,
        body=_stack(arch["body"]),
        head=_stack(arch["head"]),
        **{flag: bool(arch.get(flag, False)) for flag in flags},
    )


def mindalle_configs(config: Raw) -> tuple[RQVAEConfig, RQTransformerConfig]:
    """The shapes of a minDALL-E configuration."""
    stage1, stage2 = config["stage1"], config["stage2"]
    sizes = stage2["hparams"]
    autoencoder = _autoencoder(stage1["hparams"])
    side = autoencoder.latent_resolution
    body = StackConfig(
        n_layer=sizes["n_layers"],
        n_head=sizes["n_heads"],
        gelu="v2" if sizes.get("gelu_use_approx", False) else "v1",
        attn_bias=sizes.get("attn_bias", True),
        mlp_bias=sizes.get("mlp_bias", True),
    )
    rqvae = RQVAEConfig(stage1["embed_dim"], stage1["n_embed"], (side, side, 1), autoencoder)
    transformer = RQTransformerConfig(
        block_size=(side, side, 1),
        vocab_size=stage2["vocab_size_img"],
        vocab_size_cond=stage2["vocab_size_txt"],
        block_size_cond=sizes["ctx_len_txt"],
        embed_dim=sizes["embed_dim"],
        input_embed_dim=stage1["embed_dim"],
        body=body,
        head=StackConfig(n_layer=0, n_head=1),
        input_emb_vqvae=False,
        head_emb_vqvae=False,
        classifier_bias=False,
    )
    return rqvae, transformer


def _autoencoder(dd: Raw) -> AutoencoderConfig:
    return AutoencoderConfig(
        resolution=dd["resolution"],
        ch=dd["ch"],
        ch_mult=tuple(dd["ch_mult"]),
        num_res_blocks=dd["num_res_blocks"],
        z_channels=dd["z_channels"],
        attn_resolutions=tuple(dd["attn_resolutions"]),
        in_channels=dd["in_channels"],
        out_ch=dd["out_ch"],
    )


def _stack(raw: Raw) -> StackConfig:
    block = raw["block"]
    return StackConfig(
        n_layer=raw["n_layer"],
        n_head=block["n_head"],
        gelu=block.get("gelu", "v1"),
        attn_bias=block.get("attn_bias", True),
        mlp_bias=block.get("mlp_bias", True),
    )


def _same(size: int | list[int], name: str) -> int:
    """One size for all depths."""
    sizes = {size} if isinstance(size, int) else set(size)
    if len(sizes) != 1:
        raise CheckpointError(f"{name} differs between depths: {size}")
    return int(sizes.pop())


def _config(path: Path) -> Raw:
    if not path.is_file():
        raise CheckpointError(f"{path} is missing")
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise CheckpointError(f"{path} is not readable YAML: {error}") from None
    if not isinstance(loaded, dict):
        raise CheckpointError(f"{path} holds no settings")
    return loaded


def _state(path: Path, key: str = "state_dict") -> dict[str, Tensor]:
    """Weights of a checkpoint file, mapped into memory; nothing in it is executed."""
    if not path.is_file():
        raise CheckpointError(f"{path} is missing")
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError) as error:
        raise CheckpointError(f"{path} is damaged or no checkpoint: {error}") from None
    if key not in loaded:
        raise CheckpointError(f"{path} has no {key!r}: it holds {', '.join(map(str, loaded))}")
    return {
        name: value for name, value in loaded[key].items() if not name.startswith(TRAINING_ONLY)
    }


def _renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {_rename(name): value for name, value in state.items()}


def _rename(name: str) -> str:
    for old, new in MINDALLE_NAMES.items():
        if name.startswith(old):
            return new + name[len(old) :]
    return name


def _fill(module: RQVAE | RQTransformer, state: dict[str, Tensor]) -> None:
    try:
        load_weights(module, state)
    except (ValueError, RuntimeError) as error:
        raise CheckpointError(str(error)) from None
