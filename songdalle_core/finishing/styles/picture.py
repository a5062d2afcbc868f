"""Picture: a clean illustration, as printed on smooth drawing paper.

Nothing is added but the paper: a tooth so fine that it is felt rather than seen, as in a screen print's margin.
"""

from __future__ import annotations

import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import paper
from songdalle_core.finishing.styles.noise import cut, noise, spread
from songdalle_core.finishing.styles.tone import Picture, clipped, scaled


def picture(scene: Scene, rng: np.random.Generator) -> Picture:
    """Paint a scene: float32 (S, S, 3)."""
    tooth = cut(paper.cartridge(scene.side), scene.side, rng)
    cloud = cut(noise(scene.side, 5, 2), scene.side, rng)
    return clipped(scaled(scene.picture, spread(tooth, 1.0, 0.012) * spread(cloud, 1.0, 0.008)))
