"""The file a training run resumes from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch


class Stateful(Protocol):
    """What has a state to keep: modules, optimizers, averages."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: Any) -> Any: ...


class Checkpoint:
    """A run's parts, its step and what else it keeps, in one file.

    Every draw of the trainers is made from (seed, step), so there is no state of random generators to restore.

    Args:
        path: of the file.
        parts: what is kept, by the name it has in the file.
        identity: figures that a run to be resumed must share.
    """

    def __init__(
        self, path: Path, parts: Mapping[str, Stateful], identity: Mapping[str, int] | None = None
    ) -> None:
        self.path = path
        self._parts, self._identity = dict(parts), dict(identity or {})

    def exists(self) -> bool:
        """Whether there is a run to resume."""
        return self.path.exists()

    def save(self, step: int, **kept: Any) -> None:
        """Write the parts as they are after `step` steps."""
        parts = {name: part.state_dict() for name, part in self._parts.items()}
        write(self.path, {**parts, **self._identity, "step": step, **kept})

    def load(self) -> dict[str, Any]:
        """Give the parts their states; returns what the file holds.

        Raises:
            ValueError: the checkpoint belongs to a run of another identity.
        """
        state = read(self.path)
        for name, value in self._identity.items():
            if state[name] != value:
                raise ValueError(
                    f"{self.path} was made with {name} {state[name]}, not {value}: "
                    "give the same one, or another run folder"
                )
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        return state


def write(path: Path, state: Mapping[str, Any]) -> None:
    """Save a state so that a cut-off write never replaces a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(dict(state), partial)
    os.replace(partial, path)


def read(path: Path) -> dict[str, Any]:
    """A saved state, on the CPU."""
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state
