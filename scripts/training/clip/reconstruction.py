"""Scenes redrawn by the RQ-VAE, some codes wrong: what CLIP will have to judge in service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from scripts.training.clip.batches import Pixels
from songdalle_core.imagegen.model.autoencoder import AutoencoderConfig, from_pixels, to_pixels
from songdalle_core.imagegen.model.rqvae import RQVAE, RQVAEConfig

WORST = 0.15
"""Largest share of an image's fine codes that are replaced by random ones."""


class Reconstructor:
    """A `Reconstruct`: encodes pictures, spoils a few codes, decodes."""

    def __init__(self, model: RQVAE) -> None:
        self._model = model.eval().to(memory_format=torch.channels_last)

    @classmethod
    def load(cls, folder: Path) -> Reconstructor:
        """Read `config.json` and `model.safetensors` as `scripts/training/train_rqvae.py` writes them.

        Raises:
            ValueError: the weights do not belong to the configuration.
        """
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        encoder: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in config["ddconfig"].items()
        }
        height, width, depth = config["code_shape"]
        config.update(ddconfig=AutoencoderConfig(**encoder), code_shape=(height, width, depth))
        model = RQVAE(RQVAEConfig(**config))
        missing, unexpected = model.load_state_dict(
            load_file(folder / "model.safetensors"), strict=False
        )
        # left out of the file: averages of training, and the further names of the one codebook
        lacking = [name for name in missing if not name.startswith("quantizer.codebooks.")]
        if lacking or unexpected:
            raise ValueError(f"{folder}: weights do not fit config.json: {lacking + unexpected}")
        return cls(model)

    def __call__(self, pictures: Pixels, rng: np.random.Generator) -> Pixels:
        """Pictures (N, S, S, 3) uint8, redrawn; S is the resolution of the RQ-VAE."""
        with torch.inference_mode():
            codes = self._model.get_codes(from_pixels(torch.from_numpy(pictures)))
            spoilt = spoil(codes, self._model.config.n_embed, rng)
            pixels: Pixels = to_pixels(self._model.decode(spoilt)).numpy()
        return pixels


def spoil(codes: Tensor, vocabulary: int, rng: np.random.Generator) -> Tensor:
    """Replace up to `WORST` of each image's codes (B, h, w, D); the first depth a third as often.

    The first depth holds layout and colour, which a generator seldom gets wrong.
    """
    rates = rng.uniform(0, WORST, size=(len(codes), 1, 1, 1)) * np.ones(codes.shape)
    rates[..., 0] /= 3
    wrong = torch.from_numpy(rng.random(codes.shape) < rates)
    random = torch.from_numpy(rng.integers(vocabulary, size=codes.shape))
    return torch.where(wrong, random, codes)
