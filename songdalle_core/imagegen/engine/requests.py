"""What the engine is asked for and what it answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from songdalle_core.imagegen.model.options import SamplingOptions

SEEDS = 2**32
TOGETHER = 4  # previews of one time: decoded as one batch, they cost little more than one of them


@dataclass(frozen=True)
class GenerationRequest:
    """A prompt and how many candidates to draw of it; each has a seed of its own, derived from `seed`.

    They are numbered from `first` on: a request for one, from 12 on, draws what the thirteenth of thirteen is.
    `previews` pictures of unfinished candidates are sent on the way, spread over the candidates and the time;
    a busy decoder leaves some out.
    """

    prompt: str
    candidates: int
    seed: int
    sampling: SamplingOptions
    previews: int = 0
    first: int = 0

    def __post_init__(self) -> None:
        if self.previews < 0:
            raise ValueError(f"previews is {self.previews}: choose 0 or more")
        if self.first < 0:
            raise ValueError(f"first is {self.first}: choose 0 or more")
        if self.candidates < 1:
            raise ValueError(f"candidates is {self.candidates}: choose at least 1")
        if not 0 <= self.seed < SEEDS:
            raise ValueError(f"seed is {self.seed}: choose 0 to {SEEDS - 1}")

    def seed_of(self, candidate: int) -> int:
        """Seed of the candidate so many after `first`; a request for it alone draws the same picture.

        Candidate 0 has the request's own; the others' are hashed from it, so that the covers of neighbouring
        seeds have nothing in common.
        """
        number = self.first + candidate
        if number == 0:
            return self.seed
        mixed = np.random.SeedSequence(self.seed, spawn_key=(number,))
        return int(mixed.generate_state(1, np.uint32)[0])

    def preview_positions(self, candidate: int, positions: int) -> frozenset[int]:
        """After which positions of `positions` the candidate is shown unfinished: its turns.

        Candidates take turns in rounds of `TOGETHER`, which are spread evenly over the time.
        """
        together = min(TOGETHER, self.candidates)
        rounds = -(-self.previews // together)
        turns = range(candidate, self.previews, self.candidates)
        shown = (round((turn // together + 1) / (rounds + 1) * positions) for turn in turns)
        return frozenset(position for position in shown if 0 < position < positions)


@dataclass(frozen=True)
class Drawn:
    """A finished candidate: pixels uint8 (R, R, 3) and codes (h, w, D)."""

    candidate: int
    seed: int
    pixels: np.ndarray
    codes: np.ndarray


@dataclass(frozen=True)
class Preview:
    """An unfinished candidate: pixels uint8 (R, R, 3), and the `fraction` of it that is drawn.

    Attributes:
        lag: seconds since the candidate was that far, spent waiting for the decoder and in it.
    """

    candidate: int
    seed: int
    fraction: float
    pixels: np.ndarray
    lag: float


@dataclass(frozen=True)
class Failed:
    """The request ended without its pictures; nothing follows."""

    error: BaseException


Event = Preview | Drawn | Failed


@dataclass(eq=False)
class Job:
    """A submitted request. `cancel` may be called from any thread."""

    request: GenerationRequest
    emit: Callable[[Event], None]
    admitted: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)
    text: Any = None  # what `Stepper.read` gave, once read

    def cancel(self) -> None:
        """Give up: its slots are free at the next step, and nothing more is emitted for them."""
        self.cancelled.set()

    @property
    def waiting(self) -> int:
        """Candidates without a slot yet."""
        return 0 if self.cancelled.is_set() else self.request.candidates - self.admitted
