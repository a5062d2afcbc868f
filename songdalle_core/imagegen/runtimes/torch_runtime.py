"""PyTorch as the runtime, on any device: the step and the decoder as they are, or as CUDA graphs of them.

Products of different sizes are rounded differently. A group of rows therefore always steps as a whole, idle
rows included, and the decoder always decodes a whole batch: a candidate then comes out the same alone and in
a crowd. Inputs stay where they are in memory, so that a recorded graph can be replayed on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.model.sampling import Filters
from songdalle_core.imagegen.runtimes.decoding import PixelDecoder
from songdalle_core.imagegen.runtimes.stepping import SpatialStep

IDLE = SamplingOptions(top_k=1)  # rows without a slot draw on at position 0, and nobody looks

Call = Callable[[], Sequence[Tensor]]
"""A module on inputs that are overwritten in place between calls."""


@dataclass(frozen=True)
class TorchRuntime:
    """PyTorch; on CUDA a call may be recorded once and replayed.

    Attributes:
        name: the device's name, where the modules are.
        cuda_graphs: replay a CUDA graph, which saves the launch of every kernel.
    """

    name: str = "cpu"
    cuda_graphs: bool = False

    @property
    def device(self) -> torch.device:
        """See `Runtime`."""
        return torch.device(self.name)

    def stepper(self, step: SpatialStep, no_text: Tensor, ranks: Iterable[int]) -> TorchStepper:
        """See `Runtime`."""
        return TorchStepper(self, step, no_text, ranks)

    def decoder(self, rqvae: RQVAE, width: int) -> TorchDecoder:
        """See `Runtime`."""
        return TorchDecoder(self, rqvae, width)

    def bind(self, module: nn.Module, inputs: Sequence[Tensor]) -> Call:
        """A call of `module` that reads what `inputs` hold by then."""
        bound = tuple(inputs)
        if self.cuda_graphs and self.device.type == "cuda":
            return _recorded(module, bound)

        def call() -> Sequence[Tensor]:
            with torch.inference_mode():
                return _as_tuple(module(*bound))

        return call


def _recorded(module: nn.Module, inputs: tuple[Tensor, ...]) -> Call:
    """A CUDA graph of the module on these inputs. Not run by this project's tests: they have no GPU."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.inference_mode(), torch.cuda.stream(side):
        for _ in range(3):  # lazy initialisation must not be recorded
            module(*inputs)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.inference_mode(), torch.cuda.graph(graph):
        outputs = _as_tuple(module(*inputs))

    def replay() -> Sequence[Tensor]:
        graph.replay()
        return outputs

    return replay


def _as_tuple(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (outputs,) if isinstance(outputs, Tensor) else outputs


class StepInputs(NamedTuple):
    """What `SpatialStep.forward` reads, but the cache."""

    previous: Tensor
    position: Tensor
    started: Tensor
    draws: Tensor
    temperature: Tensor
    top_k: Tensor
    top_p: Tensor
    guidance: Tensor

    @classmethod
    def idle(cls, step: SpatialStep) -> StepInputs:
        """Inputs of rows without slots, on the step's device."""
        config, width, device = step.config, step.width, step.pos_emb_d.device
        dtype = step.pos_emb_d.dtype
        tensors = (
            torch.zeros(width, config.depth, dtype=torch.int64),
            torch.zeros(width, dtype=torch.int64),
            torch.zeros(step.rows, config.embed_dim, dtype=dtype),
            torch.zeros(width, config.depth),
            *Filters.of([IDLE] * width, config.vocab_size),
        )
        return cls(*(tensor.to(device) for tensor in tensors))


class TorchStepper:
    """See `Stepper`; the step is bound once for each number of ranks (see `sampling.sample`)."""

    def __init__(
        self, runtime: TorchRuntime, step: SpatialStep, no_text: Tensor, ranks: Iterable[int]
    ) -> None:
        self._runtime, self._step, self._ranks = runtime, step, sorted(set(ranks))
        self._no_text = self.read(no_text)

    @torch.inference_mode()
    def read(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Context and prefix; see `SpatialStep.read_text`."""
        return self._step.read_text(tokens.to(self._step.pos_emb_d.device))

    def rows(self) -> TorchRows:
        """See `Stepper`."""
        return TorchRows(self._runtime, self._step, self._ranks, self._no_text)


class TorchRows:
    """See `Rows`: all of them step, idle ones included."""

    def __init__(
        self,
        runtime: TorchRuntime,
        step: SpatialStep,
        ranks: Iterable[int],
        no_text: tuple[Tensor, Tensor],
    ) -> None:
        config, width = step.config, step.width
        self._module = step
        self.codes = torch.zeros(width, config.positions, config.depth, dtype=torch.int64)
        self._inputs, self._cache = StepInputs.idle(step), step.empty_cache()
        self._draws = torch.zeros(width, config.positions, config.depth)
        self._sampling: dict[int, SamplingOptions] = {}  # of the occupied rows
        self._every, self._at = torch.arange(width), torch.zeros(width, dtype=torch.int64)
        self._every_branch = torch.arange(step.rows)
        inputs = [*self._inputs, *self._cache]
        self._calls = {few: runtime.bind(step.ranked(few), inputs) for few in ranks}
        for row in range(width, step.rows):
            self._place_text(row, no_text)

    def occupy(
        self, row: int, text: tuple[Tensor, Tensor], draws: np.ndarray, sampling: SamplingOptions
    ) -> None:
        """See `Rows`."""
        self._sampling[row] = sampling
        self._draws[row] = torch.from_numpy(draws)
        self._place_text(row, text)
        self._filter(row, sampling)

    def release(self, row: int) -> None:
        """See `Rows`."""
        del self._sampling[row]
        self._at[row] = 0
        self._inputs.position[row] = 0
        self._filter(row, IDLE)

    @torch.inference_mode()
    def step(self) -> None:
        """See `Rows`."""
        inputs = self._inputs
        inputs.draws.copy_(self._draws[self._every, self._at])
        codes, *new = self._calls[self._ranks()]()
        place = self._module.place(inputs.position).repeat(self._module.branches)
        for remembered, fresh in zip(self._cache, new, strict=True):
            remembered[self._every_branch, :, place] = fresh.squeeze(2)
        inputs.previous.copy_(codes)
        self.codes[self._every, self._at] = codes.cpu()  # the step's only wait for the device
        for row in self._sampling:
            self._at[row] += 1
        inputs.position.copy_(self._at.clamp_max(self.codes.shape[1] - 1))

    @torch.inference_mode()
    def put(self, row: int, position: int, codes: Tensor) -> None:
        """See `Rows`."""
        self.codes[row, position] = codes
        self._inputs.previous[row] = codes.to(self._inputs.previous.device)

    def _ranks(self) -> int:
        """The fewest ranks that serve every row."""
        vocab_size = self._module.config.vocab_size
        needed = max((s.ranks(vocab_size) for s in self._sampling.values()), default=1)
        return min(ranks for ranks in self._calls if ranks >= needed)

    def _filter(self, row: int, options: SamplingOptions) -> None:
        chosen = Filters.of([options], self._module.config.vocab_size)
        for column, value in zip(self._inputs[-len(chosen) :], chosen, strict=True):
            column[row] = value[0]

    def _place_text(self, row: int, text: tuple[Tensor, Tensor]) -> None:
        context, prefix = text
        self._inputs.started[row] = context
        length = prefix.shape[3]
        for remembered, part in zip(self._cache, prefix.flatten(0, 1), strict=True):
            remembered[row, :, :length] = part


class TorchDecoder:
    """See `PictureDecoder`: always decodes as one batch of a width, padded."""

    def __init__(self, runtime: TorchRuntime, rqvae: RQVAE, width: int) -> None:
        shape, device = (width, *rqvae.config.code_shape), runtime.device
        self._codes = torch.zeros(shape, dtype=torch.int64, device=device)
        self._drawn = torch.ones(shape[:3], device=device)
        self._call = runtime.bind(PixelDecoder(rqvae), (self._codes, self._drawn))

    def decode(self, codes: Tensor, drawn: Tensor) -> Tensor:
        """See `PictureDecoder`."""
        self._codes[: len(codes)], self._drawn[: len(drawn)] = codes, drawn
        (pixels,) = self._call()
        return pixels[: len(codes)].to("cpu", copy=True)
