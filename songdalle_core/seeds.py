"""Seeds: what makes a candidate differ from its neighbours and be the same each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SEEDS = 2**32
STRATA = 12
"""Divided by it, the seeds of so many neighbouring candidates leave different remainders: what a remainder
decides, all of a set decide differently."""
_STRIDE = 5  # has no divisor in common with STRATA, so that twelve in a row take every remainder


def candidate_seed(seed: int, number: int) -> int:
    """The seed of a request's candidate, from 0.

    Candidate 0 has the request's own; the others' are hashed from it, so that the covers of neighbouring seeds
    have nothing in common, but for their remainders, which count on from the request's (`STRATA`).
    """
    if number == 0:
        return seed
    mixed = np.random.SeedSequence(seed, spawn_key=(number,)).generate_state(1, np.uint32)
    stratum = (seed + _STRIDE * number) % STRATA
    made = int(mixed[0]) // STRATA * STRATA + stratum
    return made if made < SEEDS else made - STRATA


@dataclass(frozen=True)
class CoverSeeds:
    """What each part of a cover is decided by: one seed for all, unless a part is another cover's.

    Attributes:
        content: what is drawn, and whose hand draws it.
        composition: where it stands.
        finish: light, weather and the style's strokes.
    """

    content: int
    composition: int
    finish: int

    @classmethod
    def of(cls, seed: int) -> CoverSeeds:
        """Those of a cover that takes nothing over."""
        return cls(seed, seed, seed)
