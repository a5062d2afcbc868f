"""Pixel art: as on a home computer of 1990, 64 squares a side.

At most twenty colours: in the background with an ordered dither (Bayer 1973), in the subject without, and
with the dark outline that sprites have. Squares half covered by a subject take its colour alone, so that
thin parts stay.
"""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import inks
from songdalle_core.finishing.styles.tone import LUMA, Array, Picture, saturated, scaled, shrunk

_SQUARES = 64
_BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32)
_DITHER = (_BAYER + 0.5) / 16 - 0.5


def pixel_art(scene: Scene, rng: np.random.Generator) -> Picture:
    """Draw a scene: float32 (S, S, 3). Nothing in it is random."""
    colours, inside = _squares(scene)
    steps = np.tile(_DITHER, (_SQUARES // 4, _SQUARES // 4))[..., None] * 0.10
    background = _nearest(colours + steps, _background_colours(scene))
    sprite = _nearest(colours, _sprite_colours(scene))
    outline = cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))) - inside
    small = np.where(inside[..., None] > 0, sprite, background)
    small[outline > 0] = inks.toned(scene.palette[0], 0.06)
    return cv2.resize(small, (scene.side, scene.side), interpolation=cv2.INTER_NEAREST)


def _squares(scene: Scene) -> tuple[Picture, Array]:
    """Each square's colour, float32 (64, 64, 3), and whether a subject has it, uint8 (64, 64)."""
    picture = np.clip(saturated(scene.picture, 1.15), 0, 1)
    cover = shrunk(scene.subject, _SQUARES)
    own = shrunk(scaled(picture, scene.subject), _SQUARES)
    rest = shrunk(scaled(picture, 1 - scene.subject), _SQUARES)
    inside = (cover > 0.42).astype(np.uint8)
    subject = own / np.maximum(cover, 1e-3)[..., None]
    around = rest / np.maximum(1 - cover, 1e-3)[..., None]
    return np.where(inside[..., None] > 0, subject, around).astype(np.float32), inside


def _background_colours(scene: Scene) -> Array:
    """The palette and the steps between its neighbours, float32 (n, 3)."""
    palette = scene.palette
    return np.vstack([palette, (palette[1:] + palette[:-1]) / 2])


def _sprite_colours(scene: Scene) -> Array:
    """The subject's chief colours, with a light and a dark."""
    chief = inks.chief_colours(scene.picture, scene.subject, 7)
    chief = np.array([inks.vivid(colour, 1.25) for colour in chief])
    return np.vstack([chief, scene.palette[:1] * 0.6, scene.palette[-1:]]).astype(np.float32)


def _nearest(colours: Array, palette: Array) -> Array:
    """Each colour's nearest in the palette; the eye minds lightness most."""
    weights = np.sqrt(LUMA + 0.15)
    apart = ((colours[:, :, None] - palette) * weights) ** 2
    return palette[apart.sum(-1).argmin(-1)]
