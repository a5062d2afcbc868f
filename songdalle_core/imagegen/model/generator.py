"""A text-to-image model as one thing: tokenizer, transformer and RQ-VAE, read from a folder.

A folder holds `config.json` (both configurations, the tokenizer's file name and the sampling it was tuned
for), `transformer.safetensors`, `rqvae.safetensors` and `tokenizer.json`; and `captions.json` where the
model's prompts are to be rewritten into captions such as it was trained on.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from songdalle_core.artifacts import WEIGHTS, verified
from songdalle_core.captions.plan import Planner
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.captions.vocabulary import FILE
from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqtransformer import (
    RQTransformer,
    RQTransformerConfig,
    StackConfig,
)
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer

EMBEDDED = "embedded"
TRAINING_ONLY = ("cluster_size_ema", "embed_ema")
FILES = ("config.json", "transformer.safetensors", "rqvae.safetensors", "tokenizer.json")


@dataclass(frozen=True)
class Generator:
    """A loaded model in evaluation mode and the sampling it does best with."""

    name: str
    tokenizer: PromptTokenizer
    transformer: RQTransformer
    rqvae: RQVAE
    sampling: SamplingOptions
    recaptioner: Recaptioner | None = None

    @cached_property
    def planner(self) -> Planner | None:
        """Plans the layers of a candidate; None for a model that draws no layers."""
        if self.recaptioner is None or not self.recaptioner.vocabulary.grounds:
            return None
        return Planner(self.recaptioner)

    def captions(self, prompt: str, seed: int) -> tuple[str, ...]:
        """What the transformer reads for a candidate of a prompt: a caption for each of its layers.

        A model without layers draws one code map, from the prompt put as its training captions put it.
        """
        if self.planner is not None:
            return self.planner.plan(prompt, seed).captions
        return (self.recaptioner.caption(prompt) if self.recaptioner else prompt,)

    @property
    def guided(self) -> bool:
        """Whether it was trained with texts left out, so that guidance works."""
        return self.sampling.guidance > 1

    @property
    def resolution(self) -> int:
        """Width and height of a picture in pixels."""
        return self.rqvae.config.ddconfig.resolution

    def to(self, device: torch.device, dtype: torch.dtype) -> Generator:
        """Move both models; the transformer takes the type, the RQ-VAE stays in single precision."""
        self.transformer.to(device, dtype)
        self.rqvae.to(device)
        return self


def rqvae_config(raw: dict[str, Any]) -> RQVAEConfig:
    """The dataclass of `dataclasses.asdict` output that passed through JSON."""
    dd = dict(raw["ddconfig"])
    dd["ch_mult"], dd["attn_resolutions"] = tuple(dd["ch_mult"]), tuple(dd["attn_resolutions"])
    fields = {**raw, "code_shape": tuple(raw["code_shape"]), "ddconfig": AutoencoderConfig(**dd)}
    return RQVAEConfig(**fields)


def transformer_config(raw: dict[str, Any]) -> RQTransformerConfig:
    """The dataclass of `dataclasses.asdict` output that passed through JSON."""
    stacks = {"body": StackConfig(**raw["body"]), "head": StackConfig(**raw["head"])}
    return RQTransformerConfig(**{**raw, **stacks, "block_size": tuple(raw["block_size"])})


def load_weights(module: nn.Module, state: dict[str, Tensor]) -> None:
    """Copy `state` into `module`; names that only training needs may be missing.

    Raises:
        ValueError: a weight is missing, unknown or of another shape.
    """
    problems = module.load_state_dict(state, strict=False)
    missing = [
        name
        for name in problems.missing_keys
        if not name.endswith(TRAINING_ONLY) and not _shared_codebook(name, state)
    ]
    if missing or problems.unexpected_keys:
        raise ValueError(
            f"the weights do not fit the configuration: missing {missing or 'none'}, "
            f"unknown {list(problems.unexpected_keys) or 'none'}"
        )


def _shared_codebook(name: str, state: dict[str, Tensor]) -> bool:
    return name.startswith("quantizer.codebooks.") and "quantizer.codebooks.0.weight" in state


def load_rqvae(folder: Path) -> RQVAE:
    """The RQ-VAE of a folder with `config.json` and `model.safetensors`, in evaluation mode."""
    config = rqvae_config(json.loads((folder / "config.json").read_text(encoding="utf-8")))
    model = RQVAE(config)
    load_weights(model, load_file(folder / "model.safetensors"))
    return model.eval().requires_grad_(False)


def load_generator(folder: str | Path = EMBEDDED) -> Generator:
    """Read a generator; "embedded" means the weights shipped with the package, checked by SHA-256.

    Raises:
        WeightsError: a shipped file is missing or damaged.
        FileNotFoundError: `folder` lacks a file.
        ValueError: weights and configuration do not fit.
    """
    if folder == EMBEDDED:
        paths = {name: verified(f"generator/{name}", WEIGHTS) for name in (*FILES, FILE)}
        name = "rq-transformer-embedded"
    else:
        paths = {name: Path(folder) / name for name in FILES}
        for path in paths.values():
            if not path.is_file():
                raise FileNotFoundError(f"{path} is missing: a generator folder holds {FILES}")
        name = Path(folder).name
    raw = json.loads(paths["config.json"].read_text(encoding="utf-8"))
    rqvae = RQVAE(rqvae_config(raw["rqvae"]))
    transformer = RQTransformer(transformer_config(raw["transformer"]))
    load_weights(rqvae, load_file(paths["rqvae.safetensors"]))
    load_weights(transformer, load_file(paths["transformer.safetensors"]))
    tokenizer = PromptTokenizer.from_file(
        paths["tokenizer.json"], transformer.config.block_size_cond
    )
    for module in (rqvae, transformer):
        module.float().eval().requires_grad_(False)
    rqvae.to(memory_format=torch.channels_last)
    sampling = SamplingOptions(**raw["sampling"])
    recaptioner = Recaptioner.of(paths["config.json"].parent)
    return Generator(name, tokenizer, transformer, rqvae, sampling, recaptioner)


def inference_state(module: nn.Module, dtype: torch.dtype) -> dict[str, Tensor]:
    """The weights that drawing needs, each stored once."""
    state: dict[str, Tensor] = {}
    stored: set[int] = set()
    for name, value in module.state_dict().items():
        if name.endswith(TRAINING_ONLY) or value.data_ptr() in stored:
            continue  # a shared codebook stands under every depth's name
        stored.add(value.data_ptr())
        state[name] = value.to(dtype).contiguous() if value.is_floating_point() else value
    return state


def save_generator(folder: Path, generator: Generator, dtype: torch.dtype = torch.float32) -> None:
    """Write a generator into `folder` as `load_generator` reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(inference_state(generator.transformer, dtype), folder / "transformer.safetensors")
    save_file(inference_state(generator.rqvae, dtype), folder / "rqvae.safetensors")
    generator.tokenizer.save(folder / "tokenizer.json")
    if generator.recaptioner is not None:
        generator.recaptioner.vocabulary.write(folder / FILE)
    config = {
        "rqvae": asdict(generator.rqvae.config),
        "transformer": asdict(generator.transformer.config),
        "sampling": asdict(generator.sampling),
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
