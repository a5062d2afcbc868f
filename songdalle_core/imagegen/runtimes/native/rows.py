"""Rows that the kernel steps: any number of them, each with arithmetic of its own."""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.runtimes.native.layout import (
    LANES,
    MOST_THREADS,
    CFilters,
    CSlot,
    Weights,
)
from songdalle_core.imagegen.runtimes.native.library import library
from songdalle_core.imagegen.runtimes.stepping import SpatialStep

CACHE_BYTES = 2**25
"""Weights that threads may read each for itself: what a cache that they share may hold."""
ROOM = 64  # floats behind a buffer's end, which the last vector may read


@dataclass(frozen=True)
class SharedText:
    """What all rows of a request read: float32, its context (C,) and its prefix in the kernel's layout."""

    context: Tensor
    prefix: Tensor


class KernelStepper:
    """A step run by the kernel.

    Args:
        step: the module, in single precision on the CPU.
        no_text: token ids (P,) of no text, for the branch without.
        threads: CPU threads that share a step.
        together: whether all of them draw the same slots, each with a share of every product, so that each
            weight is read once a step; else each draws slots of its own. By the weights' size unless given.

    Raises:
        KernelUnavailable: it cannot be compiled here.
        ValueError: the model is of another shape than the kernel computes, or there are too many threads.
        MemoryError: there is no memory, or no thread, for it.
    """

    def __init__(
        self, step: SpatialStep, no_text: Tensor, threads: int, together: bool | None = None
    ) -> None:
        if not 1 <= threads <= MOST_THREADS:
            raise ValueError(
                f"the kernel shares a step among 1 to {MOST_THREADS} threads, not {threads}"
            )
        self._step, self._weights = step, Weights(step)
        together = self._weights.bytes > CACHE_BYTES if together is None else together
        self._crew = library().crew_new(ctypes.byref(self._weights.model), threads, together)
        if not self._crew:
            raise MemoryError(f"no memory, or no thread, for a kernel of {threads} threads")
        weakref.finalize(self, library().crew_free, self._crew)
        self._no_text = self.read(no_text)

    @torch.inference_mode()
    def read(self, tokens: Tensor) -> SharedText:
        """See `Stepper`."""
        context, prefix = self._step.read_text(tokens)
        model, blocks = self._weights.model, len(prefix)
        # (blocks, heads, P, C / heads) -> keys (blocks, text_stride / 16, C, 16), values (blocks, P, C)
        keys = F.pad(prefix[:, 0].transpose(2, 3), (0, model.text_stride - model.text))
        keys = keys.reshape(blocks, model.channels, -1, LANES).transpose(1, 2)
        values = prefix[:, 1].transpose(1, 2)
        packed = torch.cat([keys.reshape(blocks, -1), values.reshape(blocks, -1)], dim=1)
        return SharedText(context.float().contiguous(), F.pad(packed.reshape(-1), (0, ROOM)))

    def rows(self) -> KernelRows:
        """See `Stepper`."""
        return KernelRows(self, self._step.width)

    def advance(self, slots: ctypes.Array[ctypes.c_void_p]) -> None:
        """One position of the slots at these addresses."""
        library().crew_step(self._crew, slots, len(slots))

    @property
    def weights(self) -> Weights:
        """What the kernel reads."""
        return self._weights

    @property
    def no_text(self) -> SharedText:
        """The text of the branch without."""
        return self._no_text


class KernelRows:
    """Rows with memories of their own; only occupied ones are stepped."""

    def __init__(self, stepper: KernelStepper, width: int) -> None:
        model = stepper.weights.model
        self._stepper = stepper
        own = model.body.count * model.channels * (model.position_stride + model.positions)
        self._own = torch.zeros(width, model.branches, own + ROOM)
        self.codes = torch.zeros(width, model.positions, model.depth, dtype=torch.int64)
        self._slots = (CSlot * width)()
        self._read: dict[int, tuple[SharedText, np.ndarray]] = {}  # what occupied slots point to
        self._occupied = (ctypes.c_void_p * 0)()

    def occupy(
        self, row: int, text: SharedText, draws: np.ndarray, sampling: SamplingOptions
    ) -> None:
        """See `Rows`."""
        slot, model = self._slots[row], self._stepper.weights.model
        draws = np.ascontiguousarray(draws, dtype=np.float32)
        self._read[row] = (text, draws)
        for branch, read in enumerate((text, self._stepper.no_text)[: model.branches]):
            slot.text[branch] = read.prefix.data_ptr()
            slot.own[branch] = self._own[row, branch].data_ptr()
            slot.started[branch] = read.context.data_ptr()
        slot.draws, slot.codes = draws.ctypes.data, self.codes[row].data_ptr()
        slot.position = 0
        top_k = sampling.effective_top_k(model.vocab)
        slot.filters = CFilters(sampling.temperature, sampling.top_p, sampling.guidance, top_k)
        self._changed()

    def release(self, row: int) -> None:
        """See `Rows`."""
        del self._read[row]
        self._changed()

    def step(self) -> None:
        """See `Rows`."""
        self._stepper.advance(self._occupied)

    def put(self, row: int, position: int, codes: Tensor) -> None:
        """See `Rows`: the kernel reads them when it draws the next position."""
        self.codes[row, position] = codes

    def _changed(self) -> None:
        base, size = ctypes.addressof(self._slots), ctypes.sizeof(CSlot)
        addresses = [base + size * row for row in sorted(self._read)]
        self._occupied = (ctypes.c_void_p * len(addresses))(*addresses)
