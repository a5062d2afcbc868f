"""Random streams: one for each kind of decision, so that changing one kind moves no other."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """The stream of a seed for one kind of decision ("composition", "light", "weather", "style").

    Philox is counter-based (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): each
    key is a stream of its own, the same on every machine.
    """
    key = [seed % 2**64, zlib.crc32(name.encode())]
    return np.random.Generator(np.random.Philox(key=np.array(key, dtype=np.uint64)))
