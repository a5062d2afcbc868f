"""The training loop of the local decoder: codes and encoder stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from scripts.training.averaged import AveragedTrainer, Pace
from songdalle_core.imagegen.model.rqvae import RQVAE

PACE = Pace(steps=3300, batch=16, warmup=60, ema=0.998, dtype=torch.bfloat16)


def reconstruction_loss(output: Tensor, target: Tensor) -> Tensor:
    """L1, twice the mean square, and 0.3 of the L1 of gradients (edges), of pictures (B, C, R, R)."""
    difference = output - target
    dx = (difference[..., 1:] - difference[..., :-1]).abs().mean()
    dy = (difference[..., 1:, :] - difference[..., :-1, :]).abs().mean()
    return difference.abs().mean() + 2.0 * difference.pow(2).mean() + 0.3 * (dx + dy)


class Trainer(AveragedTrainer[RQVAE]):
    """Trains the decoder; see `AveragedTrainer`.

    Args:
        codes: (N, h, w, D) of the pictures.
        pictures: uint8 (N, R, R, C).
    """

    def __init__(
        self,
        model: RQVAE,
        codes: Tensor,
        pictures: Tensor,
        pace: Pace,
        run: Path,
        report: Callable[[RQVAE, int], None],
    ) -> None:
        trained = [*model.decoder.parameters(), *model.post_quant_conv.parameters()]
        optimizer = torch.optim.AdamW(trained, lr=pace.lr, betas=(0.9, 0.95), weight_decay=0.0)
        super().__init__(model, {"optimizer": optimizer}, pace, run, report)
        self._codes, self._pictures = codes, pictures

    def _loss(self, places: range) -> tuple[Tensor, dict[str, float]]:
        chosen = self._chosen(places)
        codes, target = self._codes[chosen], self._pictures[chosen]
        target = target.to(self.device).permute(0, 3, 1, 2).float().div(127.5).sub(1.0)
        features = self.model.quantizer.embed(codes.to(self.device)).sum(dim=-2)
        output = self.model.decode_features(features).float()
        loss = reconstruction_loss(output, target)
        mse = float(F.mse_loss(output.detach(), target))
        return loss, {"loss": float(loss.detach()), "psnr": 10 * np.log10(4 / mse)}

    def _chosen(self, places: range) -> Tensor:
        """The pictures at these places of an endless series of shuffled epochs."""
        count = len(self._codes)
        epochs: dict[int, np.ndarray] = {}
        for epoch in {place // count for place in places}:
            epochs[epoch] = np.random.default_rng((epoch, 5)).permutation(count)
        return torch.tensor([int(epochs[place // count][place % count]) for place in places])
