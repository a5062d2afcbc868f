"""How sure a share is."""

from __future__ import annotations

import math

Z = 1.96
"""Of the normal distribution, for 95%."""


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """The 95% interval of a share (E. B. Wilson, "Probable Inference", JASA 22, 1927).

    Raises:
        ValueError: `total` is not positive.
    """
    if total < 1:
        raise ValueError("a share of nothing has no interval")
    share = count / total
    centre = (share + Z * Z / (2 * total)) / (1 + Z * Z / total)
    spread = math.sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    half = Z * spread / (1 + Z * Z / total)
    return max(0.0, centre - half), min(1.0, centre + half)
