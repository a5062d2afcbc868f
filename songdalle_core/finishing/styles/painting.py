"""Painting: gouache and oil in visible strokes, from broad to fine, on linen.

After Hertzmann, "Painterly Rendering with Curved Brush Strokes of Multiple Sizes" (SIGGRAPH 1998): broad
strokes first, finer ones only where the picture has something to say. The strokes themselves are laid out
beforehand (`strokes`); their relief is lit as in Hertzmann, "Fast Paint Texture" (NPAR 2002).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import paper
from songdalle_core.finishing.styles.focus import focus
from songdalle_core.finishing.styles.guide import Guide
from songdalle_core.finishing.styles.noise import cut, spread
from songdalle_core.finishing.styles.strokes import Brush, Layer, layer
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    apart,
    blur,
    clipped,
    grey,
    mix,
    relief,
    scaled,
    smoothstep,
)

_ANGLES = tuple(np.pi * eighth / 4 for eighth in range(4))
_BROAD = (Brush(0.075, 0.26, tiles=1, angle=0.05, spread=0.22, cover=4.5),)
_MIDDLE = tuple(Brush(0.036, 0.125, tiles=2, angle=angle) for angle in _ANGLES)
_FINE = tuple(Brush(0.015, 0.055, tiles=4, angle=angle) for angle in _ANGLES)
_RELIEF = 0.95  # how strongly light shows the ridges of the paint
_ALONG = np.cos(np.pi / 4 + 0.2)  # of twice the angle that a stroke and a form may differ by


def painting(scene: Scene, rng: np.random.Generator) -> Picture:
    """Paint a scene: float32 (S, S, 3)."""
    guide = Guide.of(scene)
    turn = (None, 0, 1, -1)[rng.integers(4)]  # the layout as it is, or turned over
    paint, height = _strokes(guide.turned(turn), scene, rng)
    if turn is not None:
        paint, height = cv2.flip(paint, turn), cv2.flip(height, turn)
    height = height.astype(np.float32) * np.float32(1 / 255)
    if scene.side > 640:  # paint flows: its steps are no steeper for being seen from closer
        height = blur(height, scene.side / 1300)
    picture = _mended(paint, height, guide.model(scene.picture), scene)
    weave = cut(paper.canvas(scene.side), scene.side, rng)
    # Thin and quiet paint in the sky, thicker where there is something to see.
    thick = 0.6 + 0.4 * np.maximum(scene.subject, 0.8 * scene.ground)
    light = (relief(height, _RELIEF) - 1) * thick + spread(weave, 1.0, 0.02)
    return clipped(scaled(picture, light))


def _strokes(guide: Guide, scene: Scene, rng: np.random.Generator) -> tuple[Array, Array]:
    """Lay three coats of strokes.

    Returns:
        The paint, uint8 (S, S, 4) as in `_mixed`, and its relief, uint8 (S, S).
    """
    canvas = _Canvas(scene.side)
    coats = (
        (_BROAD, guide.behind, np.ones_like(guide.subject)),
        (_MIDDLE, guide.colours, guide.shapes),
        (_FINE, guide.colours, guide.details),
    )
    for coat, (brushes, colours, wish) in enumerate(coats):
        owner = guide.subject * (coat > 0)
        for number, brush in enumerate(brushes):
            sheet = layer(brush, scene.side, 100 * coat + number)
            dice = rng.random((sheet.twins.max() + 1, 6), np.float32).take(sheet.twins, axis=0)
            wanted = np.where(guide.along(brush.angle) > _ALONG, wish * 1.1, 0) if coat else wish
            taken = wanted.take(sheet.places) > dice[:, 5]
            taken[:, :, 0] = False
            chosen = np.nonzero(taken)
            loads = np.zeros((*taken.shape, 4), np.uint8)
            places = sheet.places[chosen]
            loads[chosen] = _mixed(colours, owner, scene.palette, places, dice[chosen[2]])
            canvas.lay(sheet, taken, loads)
    return canvas.paint(), canvas.relief()


class _Canvas:
    """Strokes one over the other: each pixel has the number of the last, times 256, and its relief."""

    def __init__(self, side: int) -> None:
        self._pixels = np.full((side, side), 90, np.int32)
        # Bare canvas is as strange to the background as a subject's stroke: it will be mended.
        self._loads = [np.array([[0, 0, 0, 255]], np.uint8)]
        self._count = 1

    def lay(self, sheet: Layer, taken: NDArray[np.bool_], loads: Array) -> None:
        """The strokes of a layer that are `taken`, bool (tiles, tiles, n), in colours (tiles, tiles, n, 4)."""
        tiles, _, strokes = taken.shape
        masks = taken.view(np.uint8) * np.uint8(255)
        for row, column, rows, columns in sheet.windows(len(self._pixels)):
            if taken[row, column].any():
                part = (slice(rows.stop - rows.start), slice(columns.stop - columns.start))
                first = self._count + (row * tiles + column) * strokes
                mask = masks[row, column].take(sheet.ids[part])
                cv2.copyTo(
                    sheet.pixels[part] + np.int32(first << 8), mask, self._pixels[rows, columns]
                )
        self._loads.append(loads.reshape(-1, 4))
        self._count += taken.size

    def paint(self) -> Array:
        """The colours, uint8 (S, S, 4); four bytes are gathered as one number."""
        loads = np.concatenate(self._loads).view(np.uint32).ravel()
        paint = loads.take(self._pixels >> 8).view(np.uint8).reshape(*self._pixels.shape, 4)
        return cv2.GaussianBlur(paint, (3, 3), 0)  # the layout's outlines are not smoothed

    def relief(self) -> Array:
        """The height of the paint, uint8 (S, S)."""
        return (self._pixels & 255).astype(np.uint8)


def _mixed(
    colours: Picture, owner: Field, palette: Array, places: NDArray[np.intp], dice: Array
) -> Array:
    """The brush's loads for n strokes: red, green, blue and how far the stroke is a subject's, uint8 (n, 4).

    No two loads are the same: a little lighter or darker, warmer or cooler, a trace of the palette; in
    subjects less. `dice` is uniform in [0, 1), (n, 5 or more).
    """
    subject = owner.take(places)[:, None]
    calm = 1 - 0.5 * subject
    load = colours.reshape(-1, 3).take(places, axis=0)
    load += ((dice[:, :1] - 0.5) * 0.055 + (dice[:, 1:4] - 0.5) * 0.035) * calm
    trace = palette[(dice[:, 4] * len(palette)).astype(np.intp)]
    load += (trace - load) * (0.045 * calm)
    return (np.clip(np.hstack([load, subject]), 0, 1) * 255).astype(np.uint8)


def _mended(paint: Array, height: Field, model: Picture, scene: Scene) -> Picture:
    """What strokes ran over is painted again, as with the last, smallest brush: float32 (S, S, 3).

    That is where the paint is far from the picture, where a stroke crosses a subject's outline, and along
    the edges within the place, however faint. The ridges of the paint stay as they are and fray the
    mended edge.
    """
    colours = cv2.cvtColor(paint, cv2.COLOR_RGBA2RGB).astype(np.float32) * np.float32(1 / 255)
    owner = cv2.extractChannel(paint, 3).astype(np.float32) * np.float32(1 / 255)
    lost = apart(colours, model)
    near = blur(np.maximum(focus(scene), 0.5 * scene.ground), scene.side / 160)
    ridges = (height - 0.5) * 0.1
    wanted = smoothstep(0.045, 0.15, lost * (0.7 + 0.5 * near) + ridges)
    crossed = smoothstep(0.25, 0.6, cv2.absdiff(owner, scene.subject) + 2 * ridges)
    return mix(colours, model, cv2.max(cv2.max(wanted, crossed), _edges(scene, ridges)))


def _edges(scene: Scene, ridges: Field) -> Field:
    """Where the place has an edge, told by what lies to either side, (S, S) in [0, 1]."""
    reach = 2 * max(1, round(scene.side / 320)) + 1
    tone = blur(grey(scene.picture), scene.side / 700)
    around = np.ones((reach, reach), np.uint8)
    steep = cv2.subtract(cv2.dilate(tone, around), cv2.erode(tone, around))
    return smoothstep(0.02, 0.075, steep + 0.5 * ridges) * scene.ground * np.float32(0.85)
