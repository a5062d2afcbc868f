"""Poster: a screen print in a handful of flat inks, with a bold key line.

Each ink is a stencil pressed through a mesh (serigraphy): flat, opaque, a hair out of register. Tones
between two inks are a coarse halftone of round dots. Rock posters of San Francisco, 1966-71, are the
models; the inks are the palette and the subject's chief colours.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import inks, paper
from songdalle_core.finishing.styles.lines import contour, creases
from songdalle_core.finishing.styles.noise import cut, noise, spread
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    blur,
    crispness,
    grey,
    rgb,
    smoothstep,
)

_ACCENTS = 3  # inks for the subject alone
_DOTS = 72  # rows of dots across the picture
_RELIEF = 0.16  # of tone that dots add and take: how far a halftone reaches into its neighbours


def poster(scene: Scene, rng: np.random.Generator) -> Picture:
    """Print a scene: float32 (S, S, 3)."""
    side = scene.side
    stack, accents = _inks(scene)
    drift = rng.normal(0, side / 900, (len(stack), 2))
    dotted = (inks.screen(side, _DOTS, 30.0) - 0.5) * (1 - 0.4 * scene.subject)
    dotted *= smoothstep(0.06, 0.24, grey(scene.picture)) * np.float32(_RELIEF)  # darks are solid
    copy = blur(scene.picture, side / 700) + rgb(dotted)
    around = 1 - scene.subject
    plates = inks.separations(copy, stack, 0.006 * crispness(side), dict.fromkeys(accents, around))
    # Light inks lie under all darker ones, so that a plate out of register shows no bare paper.
    covers = list(accumulate(reversed(plates), np.add))[::-1]
    page = inks.Page(side, stack[0])
    for ink, cover, (dx, dy) in zip(stack[1:], covers[1:], drift[1:], strict=True):
        page.ink(ink, inks.shifted(cover, dx, dy))
    page.ink(inks.toned(stack[-1], 0.07), _key_plate(scene, cut(noise(side, 300, 2), side, rng)))
    page.shade(spread(cut(paper.cartridge(side), side, rng), 1.0, 0.014))
    return page.picture()


def _inks(scene: Scene) -> tuple[Array, list[int]]:
    """The inks, light to dark: the palette's and, beyond them, the subject's own; and the latters' numbers."""
    palette = np.array([inks.vivid(colour, 1.15) for colour in scene.palette])
    palette[0] *= 0.85
    palette[-1] = palette[-1] * 0.7 + np.array([0.30, 0.29, 0.27], np.float32)
    chosen = list(palette[np.linspace(0, len(palette) - 1, 4).round().astype(int)])
    chief = [
        inks.vivid(colour, 1.25) for colour in inks.chief_colours(scene.picture, scene.subject, 4)
    ]
    for _ in range(_ACCENTS):
        beyond = [min(np.abs(colour - other).max() for other in chosen) for colour in chief]
        chosen.append(chief[int(np.argmax(beyond))])
    stack = np.array(chosen, np.float32)
    order = np.argsort(-inks.luma(stack), kind="stable")
    return stack[order], np.flatnonzero(order >= len(stack) - _ACCENTS).tolist()


def _key_plate(scene: Scene, mesh: Array) -> Field:
    """The darkest ink's lines: a bold contour, finer lines within, with the pinholes of a worn mesh."""
    within = creases(scene, 1 / 150) * scene.subject
    line = np.maximum(contour(scene, 1 / 85), within)
    return line * (spread(mesh, 0.0, 1.0) < 2.3).astype(np.float32)
