"""Batches of the RQ-Transformer, given by scene seeds."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from scripts.training.scenes.composer import Composer
from songdalle_core.imagegen.model.autoencoder import from_pixels
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer


class Batches:
    """Codes (B, L, D) and texts (B, P) of scenes by seed."""

    def __init__(self, composer: Composer, rqvae: RQVAE, tokenizer: PromptTokenizer) -> None:
        self.composer, self.rqvae, self.tokenizer = composer, rqvae, tokenizer

    def get(self, seeds: range, drop: float) -> tuple[Tensor, Tensor]:
        """The scenes of the seeds; a share of about `drop` of the texts is left out."""
        scenes = [self.composer.scene(seed) for seed in seeds]
        pixels = torch.from_numpy(np.stack([scene.image for scene in scenes]))
        codes = self.rqvae.get_codes(
            from_pixels(pixels).contiguous(memory_format=torch.channels_last)
        )
        texts = self.tokenizer.encode_many([scene.caption for scene in scenes])
        dropped = [np.random.default_rng((seed, 3)).random() < drop for seed in seeds]
        texts[torch.tensor(dropped)] = self.tokenizer.pad
        return codes.flatten(1, 2), texts


def some_positions(seeds: range, positions: int, count: int) -> Tensor:
    """`count` of the positions of each scene (B, count), given by its seed."""
    drawn = [np.random.default_rng((seed, 4)).permutation(positions)[:count] for seed in seeds]
    return torch.from_numpy(np.stack(drawn))
