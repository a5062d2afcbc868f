"""Pictures to set type on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def half_busy(side: int = 400) -> npt.NDArray[np.uint8]:
    """Noise in the lower half, an even blue above."""
    picture = np.full((side, side, 3), (40, 70, 140), dtype=np.uint8)
    noise = np.random.default_rng(1).integers(0, 256, (side // 2, side, 3), dtype=np.uint8)
    picture[side // 2 :] = noise
    return picture


def disc(
    side: int = 400, x: float = 0.3, y: float = 0.3
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """A bright disc on grey, and its coverage (128, 128)."""

    def inside(pixels: int) -> npt.NDArray[np.bool_]:
        line = (np.arange(pixels) + 0.5) / pixels
        return np.asarray((line[:, None] - y) ** 2 + (line[None] - x) ** 2 < 0.22**2)

    picture = np.full((side, side, 3), 110, dtype=np.uint8)
    picture[inside(side)] = (250, 220, 40)
    return picture, (255 * inside(128)).astype(np.uint8)
