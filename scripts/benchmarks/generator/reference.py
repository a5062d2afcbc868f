"""A public implementation from the user's disk, to measure beside the engine: kakaobrain/rq-vae-transformer.

Its transformer takes the very weights that the engine runs (the parameter names are the same). It knows no
guidance, so that it draws half of a guided model's rows. Pictures are decoded one by one, as its own
measurement does, but by the project's decoder: its own has no sub-pixel layers.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from scripts.benchmarks.generator.textbook import Seconds
from songdalle_core.imagegen.model.autoencoder import to_pixels
from songdalle_core.imagegen.model.generator import Generator
from songdalle_core.imagegen.model.rqtransformer import RQTransformerConfig
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.model.textbook import code_maps

PACKAGE = "rqvae.models.rqtransformer"


class ReferenceUnusable(Exception):
    """The folder holds no implementation that this script knows, or it cannot be imported."""


@dataclasses.dataclass(frozen=True)
class CodeVectors:
    """What the reference asks its first stage for."""

    rqvae: RQVAE

    def get_code_emb_with_depth(self, codes: Tensor) -> tuple[Tensor, None]:
        """Vectors (..., D, C) of codes (..., D)."""
        return self.rqvae.quantizer.embed(codes), None


class ReferenceSampler:
    """Draws one request at a time with the reference's own loop and caches.

    Args:
        generator: whose weights it takes.
        folder: a copy of the reference's repository.

    Raises:
        ReferenceUnusable: it is no such copy, or a package that it imports is not installed.
    """

    def __init__(self, generator: Generator, folder: Path) -> None:
        self.generator = generator
        config = generator.transformer.config
        reference = _imported(folder)
        self._model: Any = reference.RQTransformer(
            reference.RQTransformerConfig.create(
                reference.configs.OmegaConf.create(_arguments(config))
            )
        )
        missing, surplus = self._model.load_state_dict(
            generator.transformer.state_dict(), strict=False
        )
        # its loss on the text is of no use to a sampler, and the text may be padded by one classifier more
        if surplus or any(not name.startswith("cond_classifier.") for name in missing):
            raise ReferenceUnusable(f"its parameters differ: {sorted({*missing, *surplus})[:3]}")
        self._model.eval().requires_grad_(False)

    @torch.inference_mode()
    def draw(self, prompt: str, candidates: int, seed: int) -> tuple[Tensor, Seconds]:
        """Pictures uint8 (N, R, R, C) of all code maps, and the time; its prefill is part of its first step."""
        generator = self.generator
        maps = code_maps(generator, prompt, range(seed, seed + candidates))
        texts = [generator.tokenizer.encode(one.caption) for one in maps]
        shape = (len(maps), *generator.transformer.config.block_size)
        torch.manual_seed(seed)  # it draws from PyTorch's own stream
        started = time.perf_counter()
        options = generator.sampling
        codes = self._model.sample(
            torch.zeros(shape, dtype=torch.int64),
            model_aux=CodeVectors(generator.rqvae),
            cond=torch.stack(texts),
            temperature=options.temperature,
            top_k=options.top_k or generator.transformer.config.vocab_size,
            top_p=options.top_p,
        )
        drawn = time.perf_counter()
        pictures = [to_pixels(generator.rqvae.decode(code)) for code in codes.split(1)]
        return torch.cat(pictures), Seconds(0.0, drawn - started, time.perf_counter() - drawn)


def _arguments(config: RQTransformerConfig) -> dict[str, Any]:
    """The configuration in the reference's words."""

    def stack(name: str) -> dict[str, Any]:
        layers = getattr(config, name)
        block = {
            "embed_dim": config.embed_dim,
            "n_head": layers.n_head,
            "gelu": layers.gelu,
            "attn_bias": layers.attn_bias,
            "mlp_bias": layers.mlp_bias,
        }
        return {"n_layer": layers.n_layer, "block": block}

    same = (
        "vocab_size", "vocab_size_cond", "block_size_cond", "embed_dim", "input_embed_dim",
        "input_emb_vqvae", "head_emb_vqvae", "cumsum_depth_ctx", "shared_tok_emb", "shared_cls_emb",
    )  # fmt: skip
    fields = {name: getattr(config, name) for name in same}
    block_size = list(config.block_size)
    return {**fields, "block_size": block_size, "body": stack("body"), "head": stack("head")}


def _imported(folder: Path) -> Any:
    if not (folder / PACKAGE.replace(".", "/")).is_dir():
        raise ReferenceUnusable(
            f"{folder} is no copy of kakaobrain/rq-vae-transformer: it has no {PACKAGE}"
        )
    sys.path.insert(0, str(folder))
    try:
        with _hashable_dataclasses(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it was written for PyTorch 1.9
            return importlib.import_module(PACKAGE)
    except ImportError as error:
        raise ReferenceUnusable(
            f"{folder} cannot be imported: {error}; install what it needs beside this project"
        ) from error
    finally:
        sys.path.remove(str(folder))


@contextmanager
def _hashable_dataclasses() -> Iterator[None]:
    """Its configuration has instances as defaults, which Python 3.11 takes only if they can be hashed."""
    plain = dataclasses.dataclass
    dataclasses.dataclass = functools.partial(plain, unsafe_hash=True)
    try:
        yield
    finally:
        dataclasses.dataclass = plain
