"""The training loop of the local decoder: codes and encoder stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from scripts.training.common import (
    Progress,
    cosine,
    load_checkpoint,
    save_checkpoint,
)
from songdalle_core.imagegen.model.rqvae import RQVAE


@dataclass(frozen=True)
class TrainOptions:
    """Length, pace and bookkeeping of a run; `steps` fixes the schedule, so keep it on resuming."""

    steps: int = 6000
    batch: int = 16
    lr: float = 1.5e-3
    warmup: int = 60
    ema: float = 0.998
    save_every: int = 250


def reconstruction_loss(output: Tensor, target: Tensor) -> Tensor:
    """L1, twice the mean square, and 0.3 of the L1 of gradients (edges), of pictures (B, C, R, R)."""
    difference = output - target
    dx = (difference[..., 1:] - difference[..., :-1]).abs().mean()
    dy = (difference[..., 1:, :] - difference[..., :-1, :]).abs().mean()
    return difference.abs().mean() + 2.0 * difference.pow(2).mean() + 0.3 * (dx + dy)


class Trainer:
    """Owns the decoder, its running average, the optimizer and the step.

    Args:
        codes: (N, h, w, D) of the pictures.
        pictures: uint8 (N, R, R, C).
        run: folder of the checkpoint.
        dtype: of the products; the weights stay in single precision.
        report: called after each checkpoint with the averaged model and the step.
    """

    def __init__(
        self,
        model: RQVAE,
        codes: Tensor,
        pictures: Tensor,
        options: TrainOptions,
        run: Path,
        dtype: torch.dtype,
        report: Callable[[RQVAE, int], None],
    ) -> None:
        self.model, self.step = model, 0
        self.average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(options.ema))
        self.checkpoint = run / "checkpoint.pt"
        self._codes, self._pictures, self._options = codes, pictures, options
        self._dtype, self._report = dtype, report
        self._device = next(model.parameters()).device
        self._weights = [*model.decoder.parameters(), *model.post_quant_conv.parameters()]
        self._optimizer = torch.optim.AdamW(
            self._weights, lr=options.lr, betas=(0.9, 0.95), weight_decay=0.0
        )

    def resume(self) -> None:
        """Continue from the checkpoint as if the run had never stopped."""
        state = load_checkpoint(self.checkpoint)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]

    def train(self) -> None:
        """Train to the end, saving and measuring on the way."""
        options = self._options
        progress = Progress(options.steps, options.batch, unit="layers")
        while self.step < options.steps:
            figures = self._advance()
            self.average.update_parameters(self.model)
            progress.update(self.step - 1, **figures)
            if self.step % options.save_every == 0 or self.step == options.steps:
                save_checkpoint(
                    self.checkpoint,
                    model=self.model.state_dict(),
                    average=self.average.state_dict(),
                    optimizer=self._optimizer.state_dict(),
                    step=self.step,
                )
                averaged = self.average.module
                assert isinstance(averaged, RQVAE)
                self._report(averaged, self.step)

    def _advance(self) -> dict[str, float]:
        """One step; its figures."""
        options = self._options
        for group in self._optimizer.param_groups:
            group["lr"] = cosine(self.step, options.steps, options.lr, options.warmup)
        first = self.step * options.batch
        chosen = self._chosen(range(first, first + options.batch))
        codes, target = self._codes[chosen], self._pictures[chosen]
        target = target.to(self._device).permute(0, 3, 1, 2).float().div(127.5).sub(1.0)
        features = self.model.quantizer.embed(codes.to(self._device)).sum(dim=-2)
        with torch.autocast(self._device.type, self._dtype, enabled=self._dtype != torch.float32):
            output = self.model.decode_features(features)
        loss = reconstruction_loss(output.float(), target)
        self._optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()
        self.step += 1
        mse = float(F.mse_loss(output.detach().float(), target))
        return {"loss": float(loss.detach()), "psnr": 10 * np.log10(4 / mse), "norm": float(norm)}

    def _chosen(self, places: range) -> Tensor:
        """The pictures at these places of an endless series of shuffled epochs."""
        count = len(self._codes)
        epochs: dict[int, np.ndarray] = {}
        for epoch in {place // count for place in places}:
            epochs[epoch] = np.random.default_rng((epoch, 5)).permutation(count)
        return torch.tensor([int(epochs[place // count][place % count]) for place in places])
