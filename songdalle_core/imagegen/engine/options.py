"""How large the engine is, and what it counts."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class EngineOptions:
    """Size of the engine.

    Attributes:
        slots: candidates drawn at once, or layers of them; more wait.
        width: rows of one call of the model; `slots` is a multiple of it.
        max_waiting: candidates that may wait for a slot before requests are refused.
        decode_width: pictures decoded together.
        prefills: newcomers that are given slots before a step, at most, so that reading their texts does not
            hold up those drawing.
    """

    slots: int = 12
    width: int = 12
    max_waiting: int = 240
    decode_width: int = 4
    prefills: int = 2

    def __post_init__(self) -> None:
        sizes = (self.slots, self.width, self.max_waiting, self.decode_width, self.prefills)
        if min(sizes) < 1:
            raise ValueError(f"every size of {self} must be at least 1")
        if self.slots % self.width:
            raise ValueError(f"slots ({self.slots}) must be a multiple of width ({self.width})")


@dataclass
class EngineStats:
    """What the engine has done since it started.

    Attributes:
        busy_seconds: for how long any slot was occupied.
        slot_seconds: the same, added up over the slots.
    """

    steps: int = 0
    prefills: int = 0
    drawn: int = 0
    cancelled: int = 0
    occupied: int = 0
    waiting: int = 0
    busy_seconds: float = 0.0
    slot_seconds: float = 0.0
    last_step: float = field(default_factory=time.monotonic)
