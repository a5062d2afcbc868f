"""Compiled modules: what a runtime makes of a module whose inputs have fixed shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from torch import Tensor

Bound = Callable[[], Sequence[Tensor]]


class Program(Protocol):
    """A compiled module; programs of one module share its weights."""

    def bind(self, inputs: Sequence[Tensor]) -> Bound:
        """A call without arguments that reads `inputs`, which stay where they are in memory."""
        ...
