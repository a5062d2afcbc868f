"""Watercolour: transparent washes on cold pressed paper.

After Bousseau et al., "Interactive watercolor rendering with temporal coherence and abstraction" (NPAR
2006): a pigment density that varies with the paper, the turbulence of the water and the drying edge changes
the colour c of a wash to c - (c - c^2)(d - 1), which darkens without going grey. Washes wet in wet bleed in
the distance, dry in the subject.
"""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import paper
from songdalle_core.finishing.styles.focus import focus
from songdalle_core.finishing.styles.noise import cut, noise, spread
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    blur,
    clipped,
    grey,
    mix,
    plain,
    rgb,
    saturated,
    scaled,
    smoothstep,
)

_PAPER = np.array([0.975, 0.96, 0.925], np.float32)
_MARGIN = 0.045  # of the side that stays white


def watercolour(scene: Scene, rng: np.random.Generator) -> Picture:
    """Paint a scene: float32 (S, S, 3)."""
    side = scene.side
    light, depth = paper.cold_pressed(side)
    spot = rng.integers(2**32)  # light and hollows are cut from the same piece
    tooth, hollows = (cut(sheet, side, np.random.default_rng(spot)) for sheet in (light, depth))
    colours = _washes(scene, rng)
    density = _density(scene, colours, rng) + spread(hollows, 0.0, 0.12)
    darker = cv2.multiply(colours - colours * colours, rgb(density))
    colours = clipped(colours - darker)
    sheet = mix(plain(side, _PAPER), colours, _painted_area(side, rng))
    return clipped(scaled(sheet, spread(tooth, 1.0, 0.022)))


def _washes(scene: Scene, rng: np.random.Generator) -> Picture:
    """The colours of the wet paint: thinned so that paper shines through, wobbling, bleeding far away."""
    side = scene.side
    vivid = clipped(saturated(scene.picture, 1.25))
    thin = cv2.addWeighted(vivid, 0.55, cv2.sqrt(vivid), 0.36, 0.09)
    wet = blur(thin, side / 56)  # wet in wet
    dry = _wobbling(thin, side / 380, rng)
    clear = np.maximum(focus(scene), 0.55 * scene.ground)
    near = np.clip(clear + spread(cut(noise(side, 9, 3), side, rng), 0.25, 0.22), 0, 1)
    return mix(wet, dry, near)


def _wobbling(image: Array, reach: float, rng: np.random.Generator) -> Array:
    """An image whose edges waver by about `reach` pixels, as a loaded brush does."""
    side = image.shape[0]
    steps = np.arange(side, dtype=np.float32)
    x = spread(cut(noise(side, 24, 3), side, rng), 0.0, reach) + steps[None, :]
    y = spread(cut(noise(side, 24, 3, seed=5), side, rng), 0.0, reach) + steps[:, None]
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _density(scene: Scene, colours: Picture, rng: np.random.Generator) -> Field:
    """How much more pigment lies on each pixel than in the even wash."""
    side = scene.side
    tone = grey(colours)
    # As a wash dries, water carries pigment to its edges.
    pooled = np.clip((blur(tone, side / 90) - tone) * 3.0, -0.25, 0.7)
    flow = spread(cut(noise(side, 5, 4, seed=9), side, rng), 0.0, 0.16)
    bloom = spread(cut(noise(side, 4, 4, seed=17), side, rng), 0.0, 1.0)
    backrun = smoothstep(0.5, 0.75, bloom) * smoothstep(1.3, 0.8, bloom) * 0.22
    return pooled + flow + backrun * (1 - scene.subject)


def _painted_area(side: int, rng: np.random.Generator) -> Field:
    """Where there is paint: all but a margin with the ragged edge of a broad wash."""
    steps = (np.arange(side, dtype=np.float32) + 0.5) / np.float32(side)
    inside = np.minimum(steps, 1 - steps)
    edge = np.minimum(inside[None, :], inside[:, None])
    edge = edge + spread(cut(noise(side, 9, 5, seed=29), side, rng), 0.0, 0.010)
    return smoothstep(_MARGIN, _MARGIN + 0.006, edge)
