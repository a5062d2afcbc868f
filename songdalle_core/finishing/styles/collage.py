"""Collage: the picture built of torn and cut papers, as Matisse and Eric Carle did.

The sky is torn from painted papers, one for each colour of the palette, white cores showing along the
tears; the place and the subject are cut with scissors, the subject with a white rim left on. Each sheet has
its own texture and casts a shadow.
"""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import inks, paper
from songdalle_core.finishing.styles.noise import cut, noise, spread
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    blur,
    enlarged,
    rgb,
    saturated,
    scaled,
    shrunk,
    smoothstep,
)

_CORE = np.array([0.96, 0.945, 0.91], np.float32)  # the inside of a torn sheet
_COARSE = 128


def collage(scene: Scene, rng: np.random.Generator) -> Picture:
    """Glue a scene: float32 (S, S, 3)."""
    side = scene.side
    small = _seen_from_afar(scene)
    sheets, reaches = _torn_papers(small, side)
    tear = spread(cut(noise(side, 14, 5, seed=91), side, rng), 0.0, 0.035)
    fine = spread(cut(noise(side, 60, 3, seed=92), side, rng), -0.05, 0.015)
    page = inks.Page(side, sheets[0])
    for sheet, reach in zip(sheets[1:], reaches, strict=True):
        edge = reach + tear
        piece = smoothstep(0.47, 0.50, edge)
        page.shade(_shadow(piece, side / 120))
        page.ink(_CORE, piece)
        page.ink(sheet, smoothstep(0.47, 0.50, edge + fine))
    sky = _texture(side, rng)
    papers = scaled(_cut_papers(scene.picture, small), _texture(side, rng))
    page.shade(sky * _shadow(scene.ground, side / 140))
    page.ink(papers, scene.ground)
    rim = smoothstep(0.12, 0.2, blur(scene.subject, side / 130))
    if (part := inks.reach(rim)) is not None:
        page.shade(_shadow(rim, side / 60))
        page.ink(_CORE, rim, part)
        page.ink(papers, scene.subject, part)
    return page.picture()


def _seen_from_afar(scene: Scene) -> Scene:
    """The scene 128 pixels a side, enough to choose papers."""
    picture, subject, ground, depth = (
        shrunk(image, _COARSE)
        for image in (scene.picture, scene.subject, scene.ground, scene.depth)
    )
    return Scene(picture, subject, ground, depth, scene.palette, scene.mood, _COARSE)


def _torn_papers(small: Scene, side: int) -> tuple[Array, list[Field]]:
    """The colours of the sky's papers, and how far each but the first reaches, smooth about 0.5 at its edge."""
    sky = np.clip(1 - np.maximum(small.subject, small.ground) * 1.2, 0.002, 1)
    colours = cv2.divide(blur(scaled(small.picture, sky), 3.0), rgb(blur(sky, 3.0)))
    sheets = inks.chief_colours(colours, sky, 3)[::-1]
    plates = inks.separations(colours, sheets, 1e-4)
    reaches = [blur(np.sum(plates[first:], axis=0), 1.6) for first in range(1, len(sheets))]
    return sheets, [enlarged(reach, side) for reach in reaches]


def _cut_papers(picture: Picture, small: Scene) -> Picture:
    """The picture in the flat papers that the subject and the place are cut from."""
    chief = np.vstack(
        [
            inks.chief_colours(small.picture, small.subject, 4),
            inks.chief_colours(small.picture, small.ground, 2),
            small.palette[:1] * 0.7,  # eyes and lines, too small to be among the chief
        ]
    )
    vivid = saturated(chief[None], 1.2)[0]
    flat = inks.assembled(vivid, inks.separations(picture, chief, 0.004))
    return cv2.addWeighted(flat, 0.75, picture, 0.25, 0)


def _texture(side: int, rng: np.random.Generator) -> Field:
    """Light on papers: their pulp and their uneven paint."""
    pulp = spread(cut(paper.pulp(side), side, rng), 1.0, 0.03)
    return pulp * spread(cut(noise(side, 11, 4, seed=93), side, rng), 1.0, 0.02)


def _shadow(piece: Field, thickness: float) -> Field:
    """The light that a piece lets fall about it, its edge `thickness` pixels high."""
    side = len(piece)
    small = -(-side // 4)  # soft: a quarter of the pixels, either way, will do
    thin = thickness * small / side
    dark = inks.shifted(blur(shrunk(piece, small), thin), thin * 0.6, thin * 0.8)
    return 1 - np.float32(0.45) * cv2.resize(dark, (side, side), interpolation=cv2.INTER_LINEAR)
