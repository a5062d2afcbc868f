"""What the engine is asked for and what it answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from songdalle_core.imagegen.model.options import DenoisingOptions, SamplingOptions
from songdalle_core.seeds import SEEDS, CoverSeeds, candidate_seed

REDRAWN_TEMPERATURE = 1.0
"""At least, of codes drawn among kept ones: at the embedded model's own 0.3 they are the same as were there."""
_KEPT_STREAM = 13  # of the candidate's seed: no other decision draws from it
TOGETHER = 4  # previews of one time: decoded as one batch, they cost little more than one of them


@dataclass(frozen=True)
class Rectangle:
    """A rectangle of a layer's code positions.

    Attributes:
        layer: from 0.
        top, left, height, width: in positions.
    """

    layer: int
    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, eq=False)
class Kept:
    """What candidates take over from another one.

    Attributes:
        seeds: of that one.
        codes: its own, (N, h, w, D).
        share: of its codes' positions that stay, other ones for each candidate; 0: another content is drawn.
        part: draw this rectangle anew and keep all other codes, in place of a share.
        composition, finish: whether its composition and its finish stay.
    """

    seeds: CoverSeeds
    codes: np.ndarray
    share: float = 1.0
    part: Rectangle | None = None
    composition: bool = False
    finish: bool = False

    def seeds_of(self, seed: int) -> CoverSeeds:
        """Of a candidate that has this seed of its own."""
        return CoverSeeds(
            seed if self.share == 0 else self.seeds.content,
            self.seeds.composition if self.composition else seed,
            self.seeds.finish if self.finish else seed,
        )

    def sampling(self, usual: SamplingOptions) -> SamplingOptions:
        """How codes are drawn among kept ones: freely enough to be others than were there."""
        if self.part is None and self.share in (0, 1):
            return usual
        return replace(usual, temperature=max(usual.temperature, REDRAWN_TEMPERATURE))

    def mask(self, seed: int, layer: int) -> np.ndarray:
        """Which positions of a layer stay, bool (L,), for a candidate that has this seed of its own."""
        height, width = self.codes.shape[1:3]
        if self.part is None:
            stream = np.random.Generator(np.random.Philox(key=seed + (_KEPT_STREAM << 64) + layer))
            stays = np.zeros(height * width, dtype=bool)
            stays[stream.permutation(len(stays))[: round(self.share * len(stays))]] = True
            return stays
        grid = np.ones((height, width), dtype=bool)
        if layer == self.part.layer:
            part = self.part
            grid[part.top : part.top + part.height, part.left : part.left + part.width] = False
        return grid.ravel()


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
    sampling: SamplingOptions | DenoisingOptions
    previews: int = 0
    first: int = 0
    kept: Kept | None = None

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
        """Seed of the candidate so many after `first`; a request for it alone draws the same picture."""
        return candidate_seed(self.seed, self.first + candidate)

    def seeds_of(self, candidate: int) -> CoverSeeds:
        """By which its parts are decided: its own seed, but for what it takes over."""
        seed = self.seed_of(candidate)
        return CoverSeeds.of(seed) if self.kept is None else self.kept.seeds_of(seed)

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
    """A finished candidate of N layers: pixels uint8 (N, H, W, C) and what they were decoded from.

    Attributes:
        latents: codes (N, h, w, D), or a denoiser's latents (1, C, h, w).
    """

    candidate: int
    seed: int
    layers: np.ndarray
    latents: np.ndarray
    seeds: CoverSeeds | None = None


@dataclass(frozen=True)
class Preview:
    """An unfinished candidate: pixels uint8 (N, R, R, C) of its layers, and the `fraction` of it that is drawn.

    Attributes:
        lag: seconds since the candidate was that far, spent waiting for the decoder and in it.
    """

    candidate: int
    seed: int
    fraction: float
    layers: np.ndarray
    lag: float
    seeds: CoverSeeds | None = None


@dataclass(frozen=True)
class Failed:
    """The request ended without its pictures; nothing follows."""

    error: BaseException


Event = Preview | Drawn | Failed


@dataclass(frozen=True)
class Part:
    """What takes a slot: a layer of a candidate, or all of it where a model draws no layers.

    Attributes:
        layer: which of the candidate's, from 0.
        caption: what the model reads.
    """

    candidate: int
    layer: int
    caption: str


@dataclass(eq=False)
class Job:
    """A submitted request. `cancel` may be called from any thread.

    Attributes:
        parts: all there is to draw, candidate by candidate; each takes a slot.
        admitted: how many of them have, or had, a slot.
        texts: what `ModelRunner.read` gave for the captions read so far.
        layers: pixels of the layers decoded so far, by candidate and layer; finished candidates leave it.
    """

    request: GenerationRequest
    emit: Callable[[Event], None]
    parts: tuple[Part, ...]
    admitted: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)
    texts: dict[str, Any] = field(default_factory=dict)
    layers: dict[int, CandidateLayers] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in self.parts:
            self.layers.setdefault(part.candidate, CandidateLayers()).count += 1

    def cancel(self) -> None:
        """Give up: its slots are free at the next step, and nothing more is emitted for them."""
        self.cancelled.set()

    @property
    def torn(self) -> bool:
        """Whether some layers of a candidate have slots and others have none yet."""
        unfinished = not self.cancelled.is_set() and self.admitted < len(self.parts)
        return unfinished and self.parts[self.admitted].layer > 0

    @property
    def waiting(self) -> int:
        """Candidates of which a part has no slot yet."""
        if self.cancelled.is_set() or self.admitted == len(self.parts):
            return 0
        return self.request.candidates - self.parts[self.admitted].candidate


@dataclass
class CandidateLayers:
    """What is decoded of a candidate: pixels (H, W, C), latents and the share drawn, by layer."""

    count: int = 0
    pixels: dict[int, np.ndarray] = field(default_factory=dict)
    latents: dict[int, np.ndarray] = field(default_factory=dict)
    fractions: dict[int, float] = field(default_factory=dict)

    def put(self, layer: int, pixels: np.ndarray, latents: np.ndarray, fraction: float) -> None:
        """Take what was decoded of a layer."""
        self.pixels[layer], self.latents[layer], self.fractions[layer] = pixels, latents, fraction

    @property
    def seen(self) -> bool:
        """Whether there is something of every layer."""
        return len(self.pixels) == self.count

    @property
    def fraction(self) -> float:
        """How much of all layers is drawn."""
        return sum(self.fractions.values()) / self.count

    def stacked(self) -> tuple[np.ndarray, np.ndarray]:
        """Pixels (N, H, W, C) and latents (N, ...)."""
        pixels, latents = (
            [each[k] for k in range(self.count)] for each in (self.pixels, self.latents)
        )
        return np.stack(pixels), np.stack(latents)
