"""What the engine asks of a model, whatever it draws step by step."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from torch import Tensor

from songdalle_core.imagegen.engine.requests import GenerationRequest, Part

if TYPE_CHECKING:
    from songdalle_core.imagegen.engine.slots import Slot


@dataclass(frozen=True)
class Draft:
    """What is drawn of a slot, on its way to be decoded, after `position` of `steps` steps.

    Attributes:
        latents: on the CPU; codes (h, w, D), or a denoiser's estimate of the picture (C, h, w).
        since: when it was so far, by `time.perf_counter`.
    """

    slot: Slot
    latents: Tensor
    position: int
    steps: int
    since: float = field(default_factory=time.perf_counter)

    @property
    def finished(self) -> bool:
        """Whether every step is done."""
        return self.position == self.steps

    @property
    def fraction(self) -> float:
        """The share of the steps that is done."""
        return self.position / self.steps


class Rows(Protocol):
    """Rows of a model, each occupied by one slot or idle."""

    width: int

    def occupy(self, slot: Slot, text: Any) -> None:
        """Begin a slot in its row, and fill in its `steps` and `shown_at`.

        Args:
            text: what `ModelRunner.read` gave for the slot's caption.
        """
        ...

    def release(self, row: int) -> None:
        """Stop drawing in a row."""
        ...

    def draft(self, slot: Slot) -> Tensor:
        """A copy, on the CPU, of what is drawn of a slot."""
        ...


class ModelRunner(Protocol):
    """A model ready to draw many candidates at once; `read`, `rows` and `step` run in the engine's thread."""

    def check(self, request: GenerationRequest) -> None:
        """Look at a request before it is queued, in its caller's thread.

        Raises:
            ValueError: the model cannot draw it; says what to change.
        """
        ...

    def parts(self, request: GenerationRequest) -> tuple[Part, ...]:
        """What takes a slot each, candidate by candidate."""
        ...

    def read(self, caption: str) -> Any:
        """What the rows that draw a caption share of it."""
        ...

    def rows(self) -> Any:
        """`Rows`, none occupied."""
        ...

    def step(self, groups: Sequence[Any]) -> None:
        """Advance every occupied row of groups that `rows` made by one step."""
        ...

    def decode(self, drafts: Sequence[Draft]) -> list[np.ndarray]:
        """Pixels uint8 (H, W, C) of each draft; runs in the decoder's thread."""
        ...
