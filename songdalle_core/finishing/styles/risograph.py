"""Risograph: two spot inks from a stencil duplicator, grainy, overprinted, out of register.

The two inks are mixed for the picture: of its own colours, the pair whose overprint comes closest to it.
Transparent inks multiply, so their amounts add up in the logarithm (Beer and Lambert): two unknowns a
pixel, by least squares.
"""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import inks, paper
from songdalle_core.finishing.styles.noise import cut, noise, spread
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    clipped,
    plain,
    saturated,
    scaled,
    shrunk,
)

_PAPER = np.array([0.965, 0.945, 0.90], np.float32)
_GRAINS = 700  # across the picture
_LEAST = np.float32(0.03)  # of light, that logarithms stay finite


def risograph(scene: Scene, rng: np.random.Generator) -> Picture:
    """Print a scene: float32 (S, S, 3)."""
    side = scene.side
    absorbed = -cv2.log(np.maximum(saturated(scene.picture, 1.2) * (1 / _PAPER), _LEAST))
    pair = _best_pair(scene, absorbed)
    page = plain(side, _PAPER)
    for ink, row in zip(pair, _exposed(_unmixing(pair), absorbed), strict=True):
        amount = cv2.transform(absorbed, row[None])
        dx, dy = rng.normal(0, side / 330, 2)
        page = inks.printed(page, ink, _stencil(inks.shifted(amount, dx, dy), rng))
    tooth = cut(paper.pulp(side), side, rng)
    return clipped(scaled(page, spread(tooth, 1.0, 0.014)))


def _unmixing(pair: Array) -> Array:
    """The matrix that turns absorbed light into amounts of two inks, float32 (2, 3)."""
    return np.linalg.pinv(-np.log(np.maximum(pair, _LEAST)).T).astype(np.float32)


def _exposed(unmixing: Array, absorbed: Array) -> Array:
    """The matrix with each ink exposed so that it nearly fills the paper somewhere: pale pictures print too."""
    small = shrunk(absorbed, 24).reshape(-1, 3)
    solid = np.quantile(small @ unmixing.T, 0.96, axis=0, keepdims=True).T
    return (unmixing * (0.95 / np.clip(solid, 0.5, 1.2))).astype(np.float32)


def _best_pair(scene: Scene, absorbed: Array) -> Array:
    """The two inks whose overprint comes closest to the picture, subjects counting more: float32 (2, 3)."""
    small = shrunk(absorbed, 24).reshape(-1, 3)
    weight = 1 + 2 * shrunk(scene.subject, 24).reshape(-1, 1)
    wanted = np.exp(-small)
    drums = _drums(scene)

    def miss(pair: Array) -> float:
        amounts = np.clip(small @ _unmixing(pair).T, 0, 1)
        got = np.exp(amounts @ np.log(np.maximum(pair, _LEAST)))
        return float(((got - wanted) ** 2 * weight).sum())

    return min((drums[list(pair)] for pair in combinations(range(len(drums)), 2)), key=miss)


def _drums(scene: Scene) -> Array:
    """Inks to choose from: the picture's colours, purer and as strong as ink from the tube, float32 (n, 3)."""
    chief = inks.chief_colours(scene.picture, scene.subject, 4)
    pure = [inks.vivid(colour, 1.7) for colour in (*scene.palette[:-1], *chief)]
    return np.array([colour / max(float(colour.max()), 0.35) for colour in pure], np.float32)


def _stencil(amount: Field, rng: np.random.Generator) -> Field:
    """One ink's coverage: a grain-touch screen, with the drum's uneven inking."""
    side = amount.shape[0]
    grain = spread(cut(noise(side, _GRAINS, seed=51), side, rng), 0.5, 0.24)
    cloud = spread(cut(noise(side, 6, 3, seed=52), side, rng), 0.94, 0.03)
    tone = np.clip(amount, 0, 1) * np.float32(1.06) - np.float32(0.03)
    seen = min(1.0, side / _GRAINS)  # grain finer than pixels melts into tone
    return inks.dots(tone, grain, 1 - 0.65 * seen**0.5) * cloud
