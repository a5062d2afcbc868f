"""Code maps to pictures: finished ones, and previews of those still being drawn."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from songdalle_core.imagegen.autoencoder import to_pixels
from songdalle_core.imagegen.rqvae import RQVAE
from songdalle_core.imagegen.runtimes import Runtime
from songdalle_core.imagegen.slots import Slot


class PixelDecoder(nn.Module):
    """The RQ-VAE's decoder, for code maps of which some positions may not be drawn yet."""

    def __init__(self, rqvae: RQVAE) -> None:
        super().__init__()
        self.rqvae = rqvae

    def forward(self, codes: Tensor, drawn: Tensor) -> Tensor:
        """Pictures (N, R, R, 3) uint8 of codes (N, h, w, D) where `drawn` (N, h, w) is 1.

        What is not drawn becomes a wash in the mean of what is: a sheet half painted, not a torn one.
        """
        features = self.rqvae.quantizer.embed(codes).sum(dim=-2)  # (N, h, w, C)
        known = drawn.unsqueeze(-1)
        mean = (features * known).sum(dim=(1, 2), keepdim=True) / known.sum(
            dim=(1, 2), keepdim=True
        )
        filled = torch.where(known > 0, features, mean)
        return to_pixels(self.rqvae.decode_features(filled))


@dataclass(frozen=True)
class Drawing:
    """A code map (L, D) on its way to be decoded; `position` of its L positions are drawn.

    Attributes:
        since: when it was so far, by `time.perf_counter`.
    """

    slot: Slot
    codes: Tensor
    position: int
    since: float = field(default_factory=time.perf_counter)

    @property
    def finished(self) -> bool:
        """Whether every position is drawn."""
        return self.position == len(self.codes)


class BatchDecoder:
    """Decodes up to `width` code maps at a time, always as one batch of `width`.

    Args:
        rqvae: in evaluation mode.
        runtime: what runs it.
        width: maps of a batch; a smaller one is padded, so that a picture does not depend on it.
    """

    def __init__(self, rqvae: RQVAE, runtime: Runtime, width: int) -> None:
        self.width = width
        shape = (width, *rqvae.config.code_shape)
        self._codes = torch.zeros(shape, dtype=torch.int64, device=runtime.device)
        self._drawn = torch.ones(shape[:3], device=runtime.device)
        inputs = [self._codes, self._drawn]
        self._call = runtime.compile(PixelDecoder(rqvae), inputs).bind(inputs)

    @torch.inference_mode()
    def decode(self, drawings: Sequence[Drawing]) -> Tensor:
        """Pictures (N, R, R, 3) uint8 on the CPU of N <= `width` drawings."""
        for row, drawing in enumerate(drawings):
            self._codes[row] = drawing.codes.view(self._codes.shape[1:])
            order = torch.arange(len(drawing.codes), device=self._drawn.device)
            self._drawn[row] = (order < drawing.position).view(self._drawn.shape[1:])
        (pixels,) = self._call()
        return pixels[: len(drawings)].to("cpu", copy=True)


class DecodeQueue:
    """Drawings that wait for the decoder: finished ones first, and one preview a slot, the newest."""

    def __init__(self) -> None:
        self._finished: list[Drawing] = []
        self._previews: dict[int, Drawing] = {}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, drawing: Drawing) -> None:
        """Queue a drawing."""
        with self._changed:
            if drawing.finished:
                self._previews.pop(id(drawing.slot), None)
                self._finished.append(drawing)
            else:
                self._previews[id(drawing.slot)] = drawing
            self._changed.notify()

    def close(self) -> None:
        """Nothing follows: `take` gives what is finished, then nothing."""
        with self._changed:
            self._closed = True
            self._previews.clear()
            self._changed.notify()

    def take(self, most: int) -> list[Drawing] | None:
        """Wait for drawings and take at most `most` whose request is still wanted; None once closed."""
        with self._changed:
            while not (self._finished or self._previews or self._closed):
                self._changed.wait()
            if not (self._finished or self._previews):
                return None
            taken, self._finished = self._finished[:most], self._finished[most:]
            while self._previews and len(taken) < most:
                taken.append(self._previews.pop(next(iter(self._previews))))
            return [drawing for drawing in taken if not drawing.slot.job.cancelled.is_set()]
