"""Pencil sketch: graphite, coloured pencil and white chalk on toned paper.

Tone is built by hatching in up to three directions, the next begun where the last is full (Praun et al.,
"Real-Time Hatching", 2001). The pencil leaves its colour on the tooth of the paper, so that the paper shows
in every stroke.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import inks, paper
from songdalle_core.finishing.styles.focus import ambience, focus
from songdalle_core.finishing.styles.lines import contour, creases
from songdalle_core.finishing.styles.noise import Sheet, as_sheet, cut, sheet_side, spread
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    clipped,
    grey,
    saturated,
    smoothstep,
)

_ACROSS, _ALONG = 400, 30  # strokes across and along 1.5 sides of the picture
_CHALK = np.array([0.985, 0.975, 0.95], np.float32)


def pencil_sketch(scene: Scene, rng: np.random.Generator) -> Picture:
    """Draw a scene: float32 (S, S, 3)."""
    side = scene.side
    toned, graphite = _paper(scene), inks.toned(scene.palette[0], 0.12)
    tone, level = grey(scene.picture), float(inks.luma(toned))
    clear = focus(scene)
    tooth = spread(cut(paper.cartridge(side), side, rng), 0.0, 0.12)
    first, second, third = (
        spread(cut(hatching(side, angle), side, rng), 0.5, 0.17) + tooth for angle in (48, 40, -35)
    )
    colour = clipped(saturated(scene.picture, 1.35))
    page = inks.Page(side, toned)
    page.ink(colour, _stroked(0.45 + 0.36 * clear, second) * (0.7 + 0.2 * clear))
    page.ink(_CHALK, _stroked((tone - level) * 1.5 - 0.1, first) * (0.75 - 0.45 * clear))
    shade = np.clip(level - tone, 0, 1) * np.float32(1.05 / level)
    dark = _stroked(shade, first) * 0.45 + _stroked(shade - 0.35, third) * 0.4
    outline = np.maximum(contour(scene, 1 / 190), creases(scene, 1 / 170, 0.012))
    dark = np.maximum(dark * (1 - 0.5 * clear), _stroked(outline * 1.1, tooth + 0.4) * 0.9)
    page.ink(graphite, np.minimum(dark, 0.95))
    page.shade(spread(cut(paper.cartridge(side), side, rng), 1.0, 0.015))
    return page.picture()


def _paper(scene: Scene) -> Array:
    """Paper dyed in the colour about the subject, light enough to draw on."""
    dye = inks.vivid(ambience(scene), 0.85)
    return inks.toned(dye, 0.52 + 0.3 * float(inks.luma(dye)))


def _stroked(amount: Field, ridges: Field) -> Field:
    """Pencil where its pressure reaches the ridges of hatching and tooth."""
    return smoothstep(-0.16, 0.16, amount - ridges) * smoothstep(0.0, 0.06, amount)


@lru_cache(maxsize=8)
def hatching(side: int, degrees: int) -> Sheet:
    """Parallel pencil strokes as a sheet: each pixel's place in the order in which strokes fill the paper."""
    large = sheet_side(side)
    rng = np.random.default_rng(degrees + 360)
    strokes = rng.standard_normal((_ACROSS, _ALONG), np.float32)
    strokes += 0.45 * rng.standard_normal(
        (_ACROSS, 1), np.float32
    )  # one is pressed harder than the next
    # From pixels to strokes, which lie turned about the middle and reach beyond the corners.
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    cells = np.array([_ALONG, _ACROSS])
    matrix = turn * (cells / (1.5 * large))[:, None]
    matrix = np.column_stack([matrix, cells / 2 - matrix @ [large / 2, large / 2]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    order = cv2.warpAffine(
        strokes, matrix, (large, large), flags=flags, borderMode=cv2.BORDER_REFLECT
    )
    return as_sheet(order, fade=min(1.0, side / 400))
