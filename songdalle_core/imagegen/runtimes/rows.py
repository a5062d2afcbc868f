"""The rows of a group: what each of its slots remembers, and the step that advances them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from songdalle_core.imagegen.model.sampling import Filters, SamplingOptions
from songdalle_core.imagegen.runtimes.programs import Program
from songdalle_core.imagegen.runtimes.stepping import SpatialStep

IDLE = SamplingOptions(top_k=1)  # rows without a slot draw on at position 0, and nobody looks


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


class Stepper(Protocol):
    """A model made ready to step: reads texts once a request and makes groups of rows."""

    def read(self, tokens: Tensor) -> Any:
        """What the rows of a request share of its text, from token ids (P,)."""
        ...

    def rows(self) -> Rows:
        """A group of rows, none occupied."""
        ...


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


class CompiledStepper:
    """Runs `SpatialStep` as compiled programs.

    Args:
        step: the module.
        programs: the step compiled for each number of ranks; see `sampling.sample`.
        no_text: token ids (P,) of no text, for the branch without.
    """

    def __init__(self, step: SpatialStep, programs: Mapping[int, Program], no_text: Tensor) -> None:
        self._step, self._programs = step, programs
        self._no_text = self.read(no_text)

    @torch.inference_mode()
    def read(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Context and prefix; see `SpatialStep.read_text`."""
        return self._step.read_text(tokens.to(self._step.pos_emb_d.device))

    def rows(self) -> CompiledRows:
        """See `Stepper`."""
        return CompiledRows(self._step, self._programs, self._no_text)


class CompiledRows:
    """Rows of a program: all of them step, idle ones included, since its shapes are fixed."""

    def __init__(
        self, step: SpatialStep, programs: Mapping[int, Program], no_text: tuple[Tensor, Tensor]
    ) -> None:
        config, width = step.config, step.width
        self._module = step
        self.codes = torch.zeros(width, config.positions, config.depth, dtype=torch.int64)
        self._inputs, self._cache = StepInputs.idle(step), step.empty_cache()
        self._draws = torch.zeros(width, config.positions, config.depth)
        self._sampling: dict[int, SamplingOptions] = {}  # of the occupied rows
        self._every, self._at = torch.arange(width), torch.zeros(width, dtype=torch.int64)
        self._every_branch = torch.arange(step.rows)
        self._programs = {
            ranks: program.bind([*self._inputs, *self._cache])
            for ranks, program in programs.items()
        }
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
        codes, *new = self._programs[self._ranks()]()
        place = self._module.place(inputs.position).repeat(self._module.branches)
        for remembered, fresh in zip(self._cache, new, strict=True):
            remembered[self._every_branch, :, place] = fresh.squeeze(2)
        inputs.previous.copy_(codes)
        self.codes[self._every, self._at] = codes.cpu()  # the step's only wait for the device
        for row in self._sampling:
            self._at[row] += 1
        inputs.position.copy_(self._at.clamp_max(self.codes.shape[1] - 1))

    def _ranks(self) -> int:
        """The fewest ranks that serve every row."""
        vocab_size = self._module.config.vocab_size
        needed = max((s.ranks(vocab_size) for s in self._sampling.values()), default=1)
        return min(ranks for ranks in self._programs if ranks >= needed)

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
