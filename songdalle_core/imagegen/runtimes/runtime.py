"""What runs the engine: PyTorch on any device, or the project's own kernel on a CPU.

A runtime makes two things of a model: a `Stepper`, which draws the next position of many candidates at once,
and a `PictureDecoder`, which turns their code maps into pixels.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.runtimes.native.library import KernelUnavailable
from songdalle_core.imagegen.runtimes.native.native_runtime import NativeRuntime
from songdalle_core.imagegen.runtimes.stepping import SpatialStep
from songdalle_core.imagegen.runtimes.torch_runtime import TorchRuntime

RuntimeName = Literal["auto", "torch", "native"]

logger = logging.getLogger(__name__)


class Rows(Protocol):
    """W rows that step together, each at a position of its own."""

    codes: Tensor
    """What is drawn so far, int64 (W, L, D) on the CPU."""

    def occupy(self, row: int, text: Any, draws: np.ndarray, sampling: SamplingOptions) -> None:
        """Begin at position 0 with a text of `Stepper.read` and uniforms float32 (L, D)."""
        ...

    def release(self, row: int) -> None:
        """Stop drawing in a row."""
        ...

    def step(self) -> None:
        """Draw one position of every occupied row."""
        ...

    def put(self, row: int, position: int, codes: Tensor) -> None:
        """Replace the codes (D,) of the position that `step` drew last in a row."""
        ...


class Stepper(Protocol):
    """A model made ready to step: reads texts once a request and makes groups of rows."""

    def read(self, tokens: Tensor) -> Any:
        """What the rows of a request share of its text, from token ids (P,)."""
        ...

    def rows(self) -> Rows:
        """A group of rows, none occupied."""
        ...


class PictureDecoder(Protocol):
    """Decodes up to as many code maps at a time as it was made for."""

    def decode(self, codes: Tensor, drawn: Tensor) -> Tensor:
        """Pictures (N, R, R, C) uint8 on the CPU of codes (N, h, w, D) where `drawn` (N, h, w) is 1."""
        ...


class Runtime(Protocol):
    """Runs a model's step and its decoder on a device."""

    @property
    def device(self) -> torch.device:
        """Where the model has to be."""
        ...

    def stepper(self, step: SpatialStep, no_text: Tensor, ranks: Iterable[int]) -> Stepper:
        """`step` made ready to run.

        Args:
            step: the module, on this device.
            no_text: token ids (P,) of no text, for a guided model's other branch.
            ranks: numbers of logits that are put in order (`sampling.sample`), the vocabulary's among them.
        """
        ...

    def decoder(self, rqvae: RQVAE, width: int) -> PictureDecoder:
        """Makes pictures of up to `width` code maps; `rqvae` is in evaluation mode, on this device."""
        ...


def choose_runtime(
    name: RuntimeName, device: str, threads: int, *, bfloat16: bool = False, graphs: bool = False
) -> Runtime:
    """The runtime of a name; "auto" is the kernel on a CPU and PyTorch elsewhere, and wherever the kernel is
    not to be had or bfloat16 is asked for.

    Args:
        name: see `RuntimeName`.
        device: PyTorch's name of it.
        threads: CPU threads of the kernel; PyTorch's are the process's and set elsewhere.
        bfloat16: the transformer is in bfloat16, which PyTorch alone multiplies.
        graphs: replay CUDA graphs.

    Raises:
        ValueError: a runtime was asked for what it does not do.
        KernelUnavailable: the kernel was asked for and cannot be compiled here.
    """
    if name == "native":
        if device != "cpu":
            raise ValueError(f"native draws on the CPU, not on {device}: choose runtime torch")
        if bfloat16:
            raise ValueError("native multiplies in float32: choose runtime torch for bfloat16")
        return NativeRuntime(threads)
    if name == "auto" and device == "cpu" and not bfloat16:
        try:
            return NativeRuntime(threads)
        except KernelUnavailable as error:
            logger.warning("drawing with PyTorch, which is several times slower: %s", error)
    return TorchRuntime(device, graphs)
