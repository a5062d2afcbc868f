"""Code maps to pictures: finished ones, and previews of those still being drawn."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from songdalle_core.imagegen.engine.slots import Slot
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.runtimes.runtime import Runtime


@dataclass(frozen=True)
class CodeMap:
    """A slot's codes (L, D) on their way to be decoded; `position` of its L positions are drawn.

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
    """Decodes up to `width` code maps at a time.

    Args:
        rqvae: in evaluation mode.
        runtime: what runs it.
        width: code maps of a batch.
        remembered: pictures kept for when their codes are drawn again, as those of layers often are.
    """

    def __init__(self, rqvae: RQVAE, runtime: Runtime, width: int, remembered: int = 0) -> None:
        self._shape = rqvae.config.code_shape
        self._decoder = runtime.decoder(rqvae, width)
        self._remembered = remembered
        self._known: OrderedDict[tuple[int, bytes], np.ndarray] = OrderedDict()

    def decode(self, maps: Sequence[CodeMap]) -> list[np.ndarray]:
        """Pixels uint8 (R, R, C) of each of at most `width` code maps; not to be written to."""
        keys = [(one.position, one.codes.numpy().tobytes()) for one in maps]
        new = {key: one for key, one in zip(keys, maps, strict=True) if key not in self._known}
        pictures = self._decode(list(new.values())).numpy() if new else ()
        made = dict(zip(new, pictures, strict=True))
        shown = [made[key] if key in made else self._known[key] for key in keys]
        for one, key, picture in zip(maps, keys, shown, strict=True):
            if one.finished:
                self._known[key] = picture
                self._known.move_to_end(key)
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return shown

    @torch.inference_mode()
    def _decode(self, maps: Sequence[CodeMap]) -> Tensor:
        """Pixels (N, R, R, C) uint8 on the CPU of N <= `width` code maps."""
        codes = torch.stack([one.codes for one in maps])
        positions = torch.tensor([one.position for one in maps])
        drawn = torch.arange(codes.shape[1]) < positions[:, None]
        drawn = drawn.float().view(-1, *self._shape[:2])
        return self._decoder.decode(codes.view(-1, *self._shape), drawn)


class DecodeQueue:
    """Code maps that wait for the decoder: finished ones first, and one preview a slot, the newest."""

    def __init__(self) -> None:
        self._finished: list[CodeMap] = []
        self._previews: dict[int, CodeMap] = {}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, codes: CodeMap) -> None:
        """Queue a code map."""
        with self._changed:
            if codes.finished:
                self._previews.pop(id(codes.slot), None)
                self._finished.append(codes)
            else:
                self._previews[id(codes.slot)] = codes
            self._changed.notify()

    def close(self) -> None:
        """Nothing follows: `take` gives what is finished, then nothing."""
        with self._changed:
            self._closed = True
            self._previews.clear()
            self._changed.notify()

    def take(self, most: int) -> list[CodeMap] | None:
        """Wait for code maps and take at most `most` whose request is still wanted; None once closed."""
        with self._changed:
            while not (self._finished or self._previews or self._closed):
                self._changed.wait()
            if not (self._finished or self._previews):
                return None
            taken, self._finished = self._finished[:most], self._finished[most:]
            while self._previews and len(taken) < most:
                taken.append(self._previews.pop(next(iter(self._previews))))
            return [one for one in taken if not one.slot.job.cancelled.is_set()]
