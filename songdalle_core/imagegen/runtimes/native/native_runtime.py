"""The kernel as a runtime: it draws and decodes, and PyTorch does what the kernel does not compute."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import torch
from torch import Tensor

from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.runtimes.native.decoder import KernelDecoder
from songdalle_core.imagegen.runtimes.native.library import library
from songdalle_core.imagegen.runtimes.native.rows import KernelStepper
from songdalle_core.imagegen.runtimes.stepping import SpatialStep
from songdalle_core.imagegen.runtimes.torch_runtime import TorchDecoder, TorchRuntime, TorchStepper

logger = logging.getLogger(__name__)


class NativeRuntime:
    """The kernel for steps and pictures; PyTorch, with a warning, for shapes that it refuses.

    Args:
        threads: CPU threads of a step, and of decoding.

    Raises:
        KernelUnavailable: it cannot be compiled here.
    """

    device = torch.device("cpu")

    def __init__(self, threads: int) -> None:
        library()  # now rather than in the middle of things
        self._threads = threads

    def stepper(
        self, step: SpatialStep, no_text: Tensor, ranks: Iterable[int]
    ) -> KernelStepper | TorchStepper:
        """See `Runtime`."""
        try:
            return KernelStepper(step, no_text, self._threads)
        except ValueError as refusal:
            return self._instead("drawing", refusal).stepper(step, no_text, ranks)

    def decoder(self, rqvae: RQVAE, width: int) -> KernelDecoder | TorchDecoder:
        """See `Runtime`. Pictures of the kernel do not depend on `width`."""
        try:
            return KernelDecoder(rqvae, self._threads)
        except ValueError as refusal:
            return self._instead("decoding", refusal).decoder(rqvae, width)

    def _instead(self, work: str, refusal: ValueError) -> TorchRuntime:
        """PyTorch, with the threads that the kernel was to have: beside a kernel it is left one."""
        logger.warning("%s with PyTorch, which is several times slower: %s", work, refusal)
        torch.set_num_threads(max(self._threads, torch.get_num_threads()))
        return TorchRuntime()
