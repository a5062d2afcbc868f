"""Enlarging pictures that no finish can draw anew: on a CPU, without weights."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


def enlarged(picture: Pixels, side: int) -> Pixels:
    """A square picture at another size: Lanczos, then a mask that sharpens lightness alone.

    `scripts/benchmarks/benchmark_upscaling.py` compares it with other ways.

    Args:
        picture: uint8 (H, H, 3).
        side: pixels wanted.
    """
    own = len(picture)
    if side == own:
        return picture
    mode = cv2.INTER_AREA if side < own else cv2.INTER_LANCZOS4
    large = np.asarray(cv2.resize(picture, (side, side), interpolation=mode), dtype=np.uint8)
    return large if side < own else sharpened(large, 0.5 * side / own)


def sharpened(picture: Pixels, radius: float, amount: float = 0.6) -> Pixels:
    """A picture with its lightness sharpened (unsharp mask), without new extremes beside edges.

    Args:
        radius: standard deviation of the blur, in pixels.
        amount: share of what the blur takes that is given back once more.
    """
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    light = lab[..., 0].astype(np.float32)
    soft = cv2.GaussianBlur(light, (0, 0), radius)
    reach = 2 * round(radius) + 1
    window = np.ones((reach, reach), np.uint8)
    low, high = cv2.erode(lab[..., 0], window), cv2.dilate(lab[..., 0], window)
    lab[..., 0] = np.clip(np.rint(light + amount * (light - soft)), low, high)
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), dtype=np.uint8)
