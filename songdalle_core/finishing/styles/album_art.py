"""Album art: a printed sleeve that has been loved for decades.

Ink fades where light reached it, black goes first; card rubs white along its edges, and the record inside
presses a ring through it ("ring wear"). A light leak, as of a camera's worn seals, warms one side.
"""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import paper
from songdalle_core.finishing.styles.noise import cut, noise, spread
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    clipped,
    enlarged,
    mix,
    plain,
    saturated,
    scaled,
    smoothstep,
)

_BLACK = np.array([0.105, 0.085, 0.10], np.float32)  # what black has faded to
_WHITE = np.array([0.985, 0.955, 0.885], np.float32)  # and what white has yellowed to
_CARD = np.array([0.93, 0.90, 0.84], np.float32)
_LEAK = np.array([1.0, 0.46, 0.20], np.float32)
_COARSE = 96  # pixels a side of fields without detail


def album_art(scene: Scene, rng: np.random.Generator) -> Picture:
    """Print and age a scene: float32 (S, S, 3)."""
    side = scene.side
    faded = cv2.transform(saturated(scene.picture, 1.06), _fading())
    faded = _screened(faded, _leak(side, rng))
    grain = spread(cut(noise(side, 620, 2, seed=3), side, rng), 1.0, 0.045)
    tooth = spread(cut(paper.pulp(side), side, rng), 1.0, 0.012)
    faded = scaled(faded, _vignette(side) * grain * tooth)
    return clipped(mix(faded, plain(side, _CARD), _wear(side, rng)))


def _fading() -> Array:
    """The colours' fading as an affine map, float32 (3, 4)."""
    return np.hstack([np.diag(_WHITE - _BLACK), _BLACK[:, None]]).astype(np.float32)


def _screened(picture: Picture, light: Field) -> Picture:
    """The leak's colour added as a second exposure."""
    exposure = cv2.merge([light * channel for channel in _LEAK])
    return picture + exposure - cv2.multiply(picture, exposure)


def _coarse_grid() -> tuple[Array, Array]:
    """x and y from -1 to 1 of coarse fields."""
    steps = (np.arange(_COARSE, dtype=np.float32) + 0.5) * np.float32(2 / _COARSE) - 1
    return steps[None, :], steps[:, None]


def _leak(side: int, rng: np.random.Generator) -> Field:
    """Light from beyond one of the upper corners or sides, in [0, 0.6]."""
    x, y = _coarse_grid()
    angle = rng.uniform(-0.9, 0.9) + (np.pi if rng.random() < 0.5 else 0.0)
    reach = x * np.cos(angle) + y * np.sin(angle) * 0.8 - 1.05
    return enlarged(np.exp(-((reach / 0.36) ** 2)).astype(np.float32) * np.float32(0.6), side)


def _vignette(side: int) -> Field:
    """Less light towards the corners."""
    x, y = _coarse_grid()
    return enlarged(1.03 - np.float32(0.14) * (x * x + y * y), side)


def _wear(side: int, rng: np.random.Generator) -> Field:
    """Where the print is rubbed off: the record's ring, the edges and the corners."""
    steps = (np.arange(side, dtype=np.float32) + 0.5) / np.float32(side) - np.float32(0.5)
    squares = steps * steps
    radius = cv2.sqrt(squares[None, :] + squares[:, None])
    flaw = spread(cut(noise(side, 40, 5, seed=7), side, rng), 0.0, 1.0)
    patches = spread(cut(noise(side, 5, 2, seed=8), side, rng), 0.0, 1.0)
    ring = cv2.exp(((radius - 0.44) * 55) ** 2 * -1) * smoothstep(-0.6, 1.5, patches) * 0.22
    scuffs = spread(cut(noise(side, 150, 3, seed=9), side, rng), 0.0, 1.0)
    ring = ring * smoothstep(-0.4, 1.6, scuffs)
    border = np.maximum(np.abs(steps)[None, :], np.abs(steps)[:, None]) - 0.5
    corner = np.maximum(radius - 0.64, 0) * 0.25
    rubbed = smoothstep(0.7, 2.2, flaw * 0.8 + (border + corner) * 150 + 0.9)
    return np.clip(ring + rubbed * 0.6, 0, 1)
