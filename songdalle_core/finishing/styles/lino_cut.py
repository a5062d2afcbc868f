"""Lino cut: three inks from carved blocks, the gouge's marks following the forms.

The key block is carved along level lines of a height made of the distance to the subject and the lie of the
land; a mark is the wider the lighter the tone, as in wood engraving since Bewick. Under it lie a block in
the colour about the subject and one in the subject's own.
"""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import inks, paper
from songdalle_core.finishing.styles.focus import ambience
from songdalle_core.finishing.styles.lines import contour, creases
from songdalle_core.finishing.styles.noise import cut, noise, spread
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    blur,
    crispness,
    enlarged,
    grey,
    shrunk,
    smoothstep,
)

_MARKS = 46  # gouge marks across the picture
_COARSE = 128


def lino_cut(scene: Scene, rng: np.random.Generator) -> Picture:
    """Print a scene: float32 (S, S, 3)."""
    side = scene.side
    sheet, colour, accent, key = _inks(scene)
    around, within = _evened(grey(scene.picture), scene)
    flaw = spread(cut(noise(side, 34, 4, seed=81), side, rng), 0.0, 1.0)
    marks = _marks(scene, flaw) * np.float32(0.3)
    soft = 0.09 * crispness(side)

    cleared = inks.dots(around + flaw * 0.015, 0.60 + marks, soft)
    lit = inks.dots(within + flaw * 0.015, 0.62 + marks, soft)
    page = inks.Page(side, sheet)
    page.ink(colour, (1 - cleared) * (1 - scene.subject))
    page.ink(accent, (1 - lit) * scene.subject)

    shaded = inks.dots(around + flaw * 0.02, 0.18 + marks, soft) * (1 - scene.subject)
    shaded += inks.dots(within + flaw * 0.02, 0.02 + marks * 0.8, soft) * scene.subject
    line = np.maximum(contour(scene, 1 / 120), creases(scene, 1 / 130) * scene.subject)
    page.ink(key, np.maximum(1 - shaded, line) * _pressed(side, rng))
    page.shade(spread(cut(paper.pulp(side), side, rng), 1.0, 0.014))
    return page.picture()


def _inks(scene: Scene) -> tuple[Array, Array, Array, Array]:
    """Paper, colour, accent and key."""
    palette = scene.palette
    sheet = 0.35 * palette[-1] + 0.65 * np.array([0.96, 0.93, 0.86], np.float32)
    about = ambience(scene)
    colour = inks.vivid(inks.toned(about, 0.32 + 0.46 * float(inks.luma(about))), 1.25)
    chief = inks.chief_colours(scene.picture, scene.subject, 4)
    strength = (chief.max(1) - chief.min(1)) * (0.25 + chief.max(1))
    accent = inks.vivid(chief[strength.argmax()], 1.25)
    return (
        sheet,
        colour,
        inks.toned(accent, max(float(inks.luma(accent)), 0.34)),
        inks.toned(palette[0], 0.10),
    )


def _evened(tone: Field, scene: Scene) -> tuple[Field, Field]:
    """Tones stretched over the whole scale: of the picture about the subject, and of the subject."""
    small = shrunk(tone, 64)
    subject = shrunk(scene.subject, 64)
    aura = blur(scene.subject, scene.side / 30) * np.float32(0.10)
    return _stretched(tone, small[subject < 0.3]) - aura, _stretched(tone, small[subject > 0.7])


def _stretched(tone: Field, sample: Array) -> Field:
    """A tone stretched by the range of a sample of it; narrow ranges stay narrower, dark pictures darker."""
    if sample.size < 8:
        return tone
    low, high = (float(value) for value in np.quantile(sample, (0.03, 0.97)))
    spare = max(0.4 - (high - low), 0) / 2
    bottom, top = 0.4 * low, 0.6 + 0.4 * high
    slope = (top - bottom) / (high - low + 2 * spare)
    return np.clip(bottom + (tone - np.float32(low - spare)) * np.float32(slope), 0, 1)


def _marks(scene: Scene, flaw: Field) -> Field:
    """The gouge's marks as a wave in [0, 1] over level lines that follow the forms."""
    subject = shrunk(scene.subject, _COARSE)
    tone = shrunk(grey(scene.picture), _COARSE)
    outside = cv2.distanceTransform((subject < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / _COARSE
    inside = cv2.distanceTransform((subject >= 0.5).astype(np.uint8), cv2.DIST_L2, 5) / _COARSE
    down = (np.arange(_COARSE, dtype=np.float32)[:, None] + 0.5) / _COARSE
    rings = 0.5 * np.sqrt(np.minimum(outside, 1) + 0.002) - 0.8 * inside
    level = blur((down + rings + 0.25 * blur(tone, 5.0)).astype(np.float32), 1.5)
    phase = enlarged(level * _MARKS, scene.side)
    phase = phase + flaw * np.float32(0.07)
    return np.abs(phase - np.rint(phase)) * 2


def _pressed(side: int, rng: np.random.Generator) -> Field:
    """How well the block took the ink: salt of bare specks, clouds of thin ink."""
    salt = spread(cut(noise(side, 260, 3, seed=82), side, rng), 0.0, 1.0)
    cloud = spread(cut(noise(side, 7, 3, seed=83), side, rng), 0.0, 0.4)
    return 0.97 - 0.8 * smoothstep(1.7, 2.5, salt + cloud)
