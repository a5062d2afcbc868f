"""Grounds: what is known of each place, and how one is painted."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.colour import to_lab, to_rgb
from songdalle_core.finishing.content import GroundLayer
from songdalle_core.finishing.drawing import Drawing, trace
from songdalle_core.finishing.look import LAMP, Look
from songdalle_core.finishing.scene import Floats

Bools = npt.NDArray[np.bool_]
ABSTRACT = ("fields", "waves", "circles", "rays", "stripes", "cells")
WATERS = ("sea", "shore", "lake", "river", "harbour", "island", "bridge")
_LAMP_REACH = 15.0  # L*a*b* round the colour that marks lamps
_LAMP_SHARE = 0.07  # of a ground: more of that colour is sand or corn
_SPREAD = 16.0  # deviation of a place's planes in L*: enough to tell what it is
_WIDEST = 2.6  # how far its planes are moved apart at most
_FROM_SKY = 13.0  # L* between the place and the sky at its horizon
SNOWY = ("snow", "mountains")
"""Places whose white stays white in every mood: a red field says nothing of snow."""
_WHITE, _GREY = 84.0, 14.0  # L* and chroma of snow as layers have it: at least, and at most
_SNOW = (54.0, 42.0)  # its L* in no light, and what full light adds
_SNOW_TINT = 0.4  # share of the mood's hue that it takes
_BLUE = -8.0  # b* of water as layers have it, at most
_WATER = 0.5  # share of its own hue that it keeps, lest a river be a road
_FACTS = Path(__file__).parent / "grounds.tsv"


@dataclass(frozen=True)
class Ground:
    """A place on its way to the canvas.

    Attributes:
        drawing: its layer, traced.
        place: its name.
        horizon: where its sky ends, from the top, in [0, 1].
        floor: where feet stand.
        indoors: whether it has no sky.
        abstract: whether it shows no place but shapes.
        lamps: which regions of its drawing are lamps or lit windows.
    """

    drawing: Drawing
    place: str
    horizon: float
    floor: float
    indoors: bool
    abstract: bool
    lamps: Bools

    def recoloured(self, look: Look) -> Ground:
        """The same in the colours of a look: by night its lamps are lit."""
        lit = 0.35 if self.abstract else 1.0
        drawing = self.drawing.recoloured(lambda colours: self._set_apart(colours, look, lit))
        colours, gradients = drawing.colours.copy(), list(drawing.gradients)
        for k in np.nonzero(self.lamps)[0]:
            colours[k], gradients[k] = look.of_lamp(colours[k]), None
        return replace(self, drawing=replace(drawing, colours=colours, gradients=tuple(gradients)))

    def _set_apart(self, colours: Floats, look: Look, lit: float) -> Floats:
        """Colours in a look, its planes still told from one another and from the sky.

        Pale and dim moods draw lightness together: planes are moved apart about their middle, and all
        of them away from the sky's.
        """
        lab = to_lab(look.of_ground(colours, lit))
        shares = self.drawing.shares
        planes = lab[: len(shares), 0]
        middle = float(shares @ planes)
        spread = float(np.sqrt(shares @ (planes - middle) ** 2))
        wide = float(np.clip(_SPREAD / max(spread, 1.0), 1.0, _WIDEST))
        lab[:, 0] = middle + wide * (lab[:, 0] - middle)
        lab[:, 1:] *= 1 + 0.35 * (wide - 1)
        if not self.abstract:
            sky = float(to_lab(look.horizon)[0])
            near = max(0.0, _FROM_SKY - abs(middle - sky))
            lighter = middle > sky + 4 and middle + near < 88
            lab[:, 0] += near if lighter else -near
        if self.place in SNOWY:
            snow = _is_snow(colours)
            lab[snow, 0] = np.maximum(lab[snow, 0], _SNOW[0] + _SNOW[1] * look.brightness)
            lab[snow, 1:] *= _SNOW_TINT
        if self.place in WATERS:
            own = to_lab(colours)
            water = own[:, 2] < _BLUE
            lab[water, 1:] += _WATER * (own[water, 1:] - lab[water, 1:])
        lab[:, 0] = np.clip(lab[:, 0], 3, 97)
        return to_rgb(lab)

    @property
    def skyline(self) -> float:
        """How high it rises where it rises least: the middle column's top, in [0, 1]."""
        ink = self.drawing.ink() > 127
        tops = np.where(ink.any(axis=0), ink.argmax(axis=0), len(ink)) / len(ink)
        return float(np.median(tops))


def as_ground(layer: GroundLayer) -> Ground:
    """A layer with what is known of its place; unknown places are measured."""
    drawing = trace(layer.pixels)
    horizon, floor, indoors = _facts().get((layer.place, layer.variant)) or _measured(layer)
    abstract = layer.place in ABSTRACT
    away = np.linalg.norm(to_lab(drawing.colours) - to_lab(LAMP), axis=-1)
    lamps = (away < _LAMP_REACH) & (drawing.shares < _LAMP_SHARE) & (not abstract)
    roofed = bool(drawing.ink()[:4].mean() > 0.9 * 255)  # under water no sky shows either
    return Ground(drawing, layer.place, horizon, floor, indoors or roofed, abstract, lamps)


def _is_snow(colours: Floats) -> Bools:
    """Which of a layer's own colours (N, 3) are white or nearly."""
    lightness, a, b = to_lab(colours).T
    return np.asarray((lightness > _WHITE) & (np.hypot(a, b) < _GREY))


@lru_cache(maxsize=1)
def _facts() -> dict[tuple[str, int], tuple[float, float, bool]]:
    if not _FACTS.is_file():
        return {}
    with _FACTS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if row and row[0][0] != "#"]
    return {
        (place, int(variant)): (float(horizon), float(floor), indoors in ("1", "true", "yes"))
        for place, variant, horizon, floor, indoors in rows
        if variant.isdigit()
    }


def _measured(layer: GroundLayer) -> tuple[float, float, bool]:
    """Horizon, floor and whether indoors, guessed from where the layer is filled."""
    filled = cv2.blur(layer.pixels[..., 3], (5, 5)).mean(axis=1) / 255
    indoors = bool(filled[: max(1, len(filled) // 8)].mean() > 0.9)
    covered = np.nonzero(filled > 0.6)[0]
    horizon = 0.62 if indoors or not len(covered) else float(covered[0]) / len(filled)
    horizon = float(np.clip(horizon, 0.3, 0.85))
    return horizon, horizon + 0.62 * (1 - horizon), indoors
