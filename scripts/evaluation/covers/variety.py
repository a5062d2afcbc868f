"""How much the covers of a set differ: twelve sketches by a designer, or one cover twelve times?"""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

THUMBNAIL = 32
"""Pixels a side of what is compared for near copies: composition and colours, without strokes and grain."""
COPY = 6.0
"""Mean distance in CIE L*a*b* of two thumbnails below which one is a near copy of the other; 2.3 is just seen
in flat colours (Mahy et al., "Evaluation of Uniform Color Spaces", 1994)."""

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def spread(features: Floats) -> float:
    """Mean distance of all pairs of unit vectors (N, D), 1 less their cosine; 0 for a single one."""
    count = len(features)
    if count < 2:
        return 0.0
    cosines = features @ features.T
    return float(1 - (cosines.sum() - np.trace(cosines)) / (count * (count - 1)))


def near_copies(pictures: Pixels) -> int:
    """How many of the covers (N, H, W, 3) are near copies of an earlier one, as it is or mirrored."""
    small = [thumbnail(picture) for picture in pictures]
    copies = {
        later
        for earlier, later in combinations(range(len(small)), 2)
        if min(apart(small[earlier], small[later]), apart(small[earlier], small[later][:, ::-1]))
        < COPY
    }
    return len(copies)


def thumbnail(picture: Pixels) -> Floats:
    """What is compared of a picture, float32 (32, 32, 3) in CIE L*a*b*."""
    small = cv2.resize(picture, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    scaled = np.asarray(small, dtype=np.float32) / np.float32(255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2Lab), dtype=np.float32)


def apart(one: Floats, other: Floats) -> float:
    """Mean distance of two thumbnails."""
    return float(np.linalg.norm(one - other, axis=-1).mean())
