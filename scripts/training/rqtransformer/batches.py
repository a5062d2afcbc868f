"""Batches of the RQ-Transformer: cached code maps, their captions, and what of them the body reads wrongly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from songdalle_core.imagegen.model.rqvae import Quantizer

CORRUPTED = 0.7
"""Most of a picture's cells that are read wrongly in training: see `LayerBatches.get`."""


@dataclass(frozen=True)
class Batch:
    """Codes (B, L, D) to predict, the vectors (B, L, D, C) that the body reads, and texts (B, P)."""

    codes: Tensor
    read: Tensor
    texts: Tensor


class LayerBatches:
    """Layers by their place in an endless series of shuffled epochs.

    Args:
        codes: (N, L, D) of all layers.
        texts: (N, P) tokens of their captions.
        quantizer: whose vectors the transformer reads.
    """

    def __init__(self, codes: Tensor, texts: Tensor, quantizer: Quantizer) -> None:
        self.codes, self.texts, self.quantizer = codes, texts, quantizer

    def get(self, places: range) -> Batch:
        """The layers at these places.

        Of each, up to `CORRUPTED` of the cells are read as another layer's or as nothing, while the codes to
        predict stay true, to the same end as scheduled sampling (Bengio et al., NIPS 2015, arXiv 1506.03099).
        Without it the model follows its own last codes rather than the text, and a first wrong cell turns a
        penguin into a snowman.
        """
        device = self.codes.device

        def here(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array).to(device)

        chosen = here(_shuffled(places, len(self.codes)))
        codes, texts = self.codes[chosen], self.texts[chosen]
        rng = np.random.default_rng((places.start, 7))
        shares = rng.uniform(0, CORRUPTED, (len(codes), 1))
        wrong = here(rng.random(codes.shape[:2]) < shares)
        nothing = here(rng.random(codes.shape[:2]) < 0.5)
        strangers = self.codes[here(rng.integers(len(self.codes), size=len(codes)))]
        seen = torch.where((wrong & ~nothing)[..., None], strangers, codes)
        read = self.quantizer.embed(seen) * ~(wrong & nothing)[..., None, None]
        return Batch(codes, read, texts)

    def whole(self, places: slice) -> Batch:
        """Layers as they are, in order."""
        codes = self.codes[places]
        return Batch(codes, self.quantizer.embed(codes), self.texts[places])


def _shuffled(places: range, count: int) -> np.ndarray:
    """Which of `count` layers stand at these places of the series."""
    epochs = {place // count for place in places}
    orders = {epoch: np.random.default_rng((epoch, 6)).permutation(count) for epoch in epochs}
    return np.array([orders[place // count][place % count] for place in places])


def some_positions(places: range, positions: int, count: int) -> Tensor:
    """`count` of the positions of each layer (B, count), given by its place."""
    drawn = [np.random.default_rng((place, 4)).permutation(positions)[:count] for place in places]
    return torch.from_numpy(np.stack(drawn))
