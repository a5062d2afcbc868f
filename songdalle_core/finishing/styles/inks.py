"""Printing with a few inks: separations, halftones and overprint.

Opaque inks, as of screens and blocks, are laid on a `Page` one over the other; transparent ones are
`printed`: where two overlap, each takes its share of the light.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np

from songdalle_core.finishing.styles.tone import LUMA, Array, Field, Picture, shrunk

Part: TypeAlias = tuple[slice, slice]
"""Rows and columns."""
WHOLE: Part = (slice(None), slice(None))
_NEAR = 2  # pixels
_AFAR = 56  # pixels a side of what chief colours are looked for in


def reach(cover: Field) -> Part | None:
    """The rows and columns where a field is above 0; None if it is nowhere."""
    left, top, width, height = cv2.boundingRect((cover > 0).view(np.uint8))
    return (slice(top, top + height), slice(left, left + width)) if width else None


def luma(colours: Array) -> Array:
    """Luma of colours, float (..., 3)."""
    return colours @ LUMA


def toned(colour: Array, wanted: float) -> Array:
    """A colour brought to the luma `wanted`; its hue stays, and white is added only where it must be."""
    now = max(float(luma(colour)), 1e-3)
    colour = colour * min(wanted / now, 0.97 / max(float(colour.max()), 1e-3))
    now = float(luma(colour))
    white = max(wanted - now, 0) / max(1 - now, 1e-3)
    return (colour + (1 - colour) * white).astype(np.float32)


def vivid(colour: Array, amount: float) -> Array:
    """A colour `amount` times as far from the grey of its luma, within [0, 1]."""
    centre = luma(colour)
    return np.clip(centre + (colour - centre) * amount, 0, 1).astype(np.float32)


class Page:
    """A sheet of paper on which flat inks are laid; as three planes, which is twice as fast as pixels."""

    def __init__(self, side: int, colour: Array) -> None:
        self._planes = [np.full((side, side), channel, np.float32) for channel in colour]
        self._spare = np.empty((side, side), np.float32)

    def ink(self, colour: Array, cover: Field, part: Part = WHOLE) -> None:
        """Lay an opaque ink where `cover` is 1, in part where it is less.

        Args:
            colour: one, (3,), or a picture's.
            cover: (S, S).
            part: rows and columns beyond which `cover` is 0.
        """
        spare, within = self._spare[part], cover[part]
        channels = cv2.split(colour[part]) if colour.ndim == 3 else colour.astype(np.float32)
        for plane, channel in zip(self._planes, channels, strict=True):
            view = plane[part]
            np.subtract(channel, view, out=spare)
            np.multiply(spare, within, out=spare)
            view += spare

    def shade(self, light: Field, part: Part = WHOLE) -> None:
        """Multiply by the light that falls on each pixel, 1 beyond `part`."""
        for plane in self._planes:
            plane[part] *= light[part]

    def picture(self) -> Picture:
        """The page as a picture, clipped to [0, 1]."""
        return np.clip(cv2.merge(self._planes), 0, 1)


def assembled(colours: Array, plates: list[Field]) -> Picture:
    """The picture that plates print which leave no paper bare: they add up to 1 everywhere."""
    planes = [plates[0] * np.float32(channel) for channel in colours[0]]
    for colour, plate in zip(colours[1:], plates[1:], strict=True):
        for plane, channel in zip(planes, colour.tolist(), strict=True):
            cv2.scaleAdd(plate, channel, plane, dst=plane)
    return cv2.merge(planes)


def printed(page: Picture, ink: Array, amount: Field) -> Picture:
    """A page after one ink, float (3,), whose `amount` on each pixel is in [0, 1]."""
    return cv2.multiply(page, cv2.merge([1 - amount * np.float32(1 - channel) for channel in ink]))


def shifted(field: Array, dx: float, dy: float) -> Array:
    """A plate out of register by dx, dy pixels; its edge is repeated."""
    if max(abs(dx), abs(dy)) <= _NEAR:  # the same, and twice as fast
        across, down = _between(dx), _between(dy)
        return cv2.sepFilter2D(field, -1, across, down, borderType=cv2.BORDER_REPLICATE)
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    size = (field.shape[1], field.shape[0])
    return cv2.warpAffine(
        field, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _between(shift: float) -> Array:
    """The kernel that moves a row of pixels by a part of one or a few, linear between them."""
    steps = np.arange(_NEAR, -_NEAR - 1, -1, dtype=np.float32)
    return np.maximum(1 - np.abs(steps - np.float32(shift)), 0)


@lru_cache(maxsize=2)
def screen(side: int, lines: float, angle: float) -> Field:
    """Thresholds of a halftone of round dots, float32 (S, S) in [0, 1]: ink lies where the tone exceeds them.

    Args:
        side: S.
        lines: rows of dots across the picture.
        angle: of the rows, in degrees.
    """
    turn = np.deg2rad(angle)
    steps = (np.arange(side, dtype=np.float32) + 0.5) * np.float32(2 * np.pi * lines / side)
    x, y = steps[None, :], steps[:, None]
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    wave = 0.5 + 0.25 * (np.cos(u) + np.cos(v))
    # Half of the page is inked at a tone of a half: spread the wave's values evenly.
    rank = np.sin((wave - 0.5) * np.pi * 0.92) * 0.5 / np.sin(0.46 * np.pi) + 0.5
    return (wave * 0.45 + rank * 0.55).astype(np.float32)


def dots(tone: Field, thresholds: Field, softness: float) -> Field:
    """Ink of a halftone: 1 where `tone` exceeds the thresholds, over an edge of `softness` in tone."""
    return np.clip((tone - thresholds) * np.float32(1 / softness) + 0.5, 0, 1)


def chief_colours(picture: Picture, where: Field, count: int) -> Array:
    """The chief colours of a part of a picture, by k-means from afar: float32 (count, 3), dark to light."""
    if len(picture) > 256:  # in whole steps, which are fast
        picture, where = shrunk(picture, 128), shrunk(where, 128)
    small, weight = shrunk(picture, _AFAR).reshape(-1, 3), shrunk(where, _AFAR).ravel()
    if weight.sum() < 8 * count:  # hardly there: take the whole picture
        weight = np.ones_like(weight)
    inside = np.flatnonzero(weight > 0.1)
    inside = inside[np.argsort(luma(small[inside]), kind="stable")]
    pixels, weight = small[inside], weight[inside]
    share = np.cumsum(weight) / weight.sum()
    middles = pixels[np.searchsorted(share, (np.arange(count) + 0.5) / count)]
    before = np.full(len(pixels), -1)
    for _ in range(10):
        nearest = (pixels @ middles.T - 0.5 * (middles**2).sum(1)).argmax(1)  # as in `separations`
        if np.array_equal(nearest, before):
            break
        before = nearest
        members = (nearest[:, None] == np.arange(count)) * weight[:, None]
        total = members.sum(0)[:, None]
        middles = np.where(total > 0, members.T @ pixels / np.maximum(total, 1e-6), middles)
    middles = middles.astype(np.float32)
    return middles[np.argsort(luma(middles), kind="stable")]


def separations(
    picture: Picture, inks: Array, softness: float, barred: dict[int, Field] | None = None
) -> list[Field]:
    """The plate of each ink, float32 (S, S) in [0, 1]: every pixel goes to the ink nearest to its colour.

    Args:
        picture: float32 (S, S, 3).
        inks: float32 (n, 3).
        softness: of the plates' edges, in squared colour distance.
        barred: for some inks, by number, the field in [0, 1] where they may not print.
    """
    # |c - ink|^2 = |c|^2 - 2 (c.ink - |ink|^2 / 2): the nearest ink has the greatest value in brackets.
    matrix = np.hstack([inks, -0.5 * (inks**2).sum(1, keepdims=True)]).astype(np.float32)
    scores = [cv2.transform(picture, row[None]) for row in matrix]
    for number, field in (barred or {}).items():
        scores[number] -= field
    best = scores[0].copy()
    for score in scores[1:]:
        cv2.max(best, score, dst=best)
    floor = best - np.float32(softness)
    total = np.zeros_like(best)
    for score in scores:  # in place: at full resolution, new memory is what takes time
        cv2.subtract(score, floor, dst=score)
        np.maximum(score, 0, out=score)
        cv2.add(total, score, dst=total)
    return [cv2.divide(score, total, dst=score) for score in scores]
