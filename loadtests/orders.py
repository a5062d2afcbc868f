"""What is asked for: an endless, seeded stream of requests over songs and candidate counts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from loadtests.workload import Song

MAX_CANDIDATES = 24  # of the HTTP contract
MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class Order:
    """The body of one `POST /v1/covers`."""

    lyrics: str
    candidates: int
    seed: int

    def body(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class CandidatesMix:
    """How often each candidate count is asked for."""

    counts: tuple[int, ...]
    weights: tuple[float, ...]

    @classmethod
    def parse(cls, text: str) -> CandidatesMix:
        """Read "12:0.7,4:0.2,1:0.1"; weights are relative, "12" alone means all.

        Raises:
            ValueError: a count outside 1..24 or twice, or a weight that is not above 0.
        """
        counts, weights = [], []
        for part in text.split(","):
            count, _, weight = part.partition(":")
            counts.append(int(count))
            weights.append(float(weight) if weight else 1.0)
        if not all(1 <= count <= MAX_CANDIDATES for count in counts):
            raise ValueError(f"{text!r}: candidate counts are 1 to {MAX_CANDIDATES}")
        if len(set(counts)) < len(counts):
            raise ValueError(f"{text!r} names a candidate count twice")
        if not all(0 < weight < float("inf") for weight in weights):
            raise ValueError(f"{text!r}: weights are numbers above 0")
        return cls(tuple(counts), tuple(weights))

    def __str__(self) -> str:
        whole = sum(self.weights)
        parts = zip(self.counts, self.weights, strict=True)
        return ",".join(f"{count}:{weight / whole:g}" for count, weight in parts)


def stream_orders(songs: Sequence[Song], mix: CandidatesMix, seed: int) -> Iterator[Order]:
    """Endless orders; every song comes once, in random order, before any comes again."""
    rng = random.Random(f"orders {seed}")
    while True:
        for song in rng.sample(songs, len(songs)):
            count = rng.choices(mix.counts, mix.weights)[0]
            yield Order(song.lyrics, count, rng.randint(0, MAX_SEED))
