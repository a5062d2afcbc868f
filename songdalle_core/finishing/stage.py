"""What a composition works with: a canvas, the cast and the place in their colours, and chance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from songdalle_core.finishing.canvas import Canvas
from songdalle_core.finishing.colour import to_lab
from songdalle_core.finishing.content import Content, SubjectLayer
from songdalle_core.finishing.drawing import Drawing, trace
from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.grounds import Ground, as_ground
from songdalle_core.finishing.look import Look
from songdalle_core.finishing.scene import Floats
from songdalle_core.finishing.streams import stream
from songdalle_core.finishing.tint import tinted

_ORB = 1.2  # richness of a disc as a decoder draws it

_YELLOW = 18.0  # b* of what is yellow
_ALL_OVER = 0.85  # share of what is yellow all over


@dataclass(frozen=True)
class Actor:
    """A subject in the colours of the look.

    Attributes:
        drawing: what is painted of it.
        stance: see `SubjectLayer`.
        golden: whether it is yellow all over, in its own colours.
        mirrors: whether its mirror image is as good.
    """

    drawing: Drawing
    stance: str
    golden: bool = False
    mirrors: bool = True

    @property
    def colour(self) -> Floats:
        """Its mean colour, (3,)."""
        return np.asarray(self.drawing.shares @ self.drawing.colours, dtype=np.float32)

    @property
    def width(self) -> float:
        """Of its ink, in sides of its square."""
        return self.drawing.frame[2] - self.drawing.frame[0]

    @property
    def height(self) -> float:
        """Of its ink, in sides of its square."""
        return self.drawing.frame[3] - self.drawing.frame[1]

    @cached_property
    def richness(self) -> float:
        """How much outline it has for its area: perimeter squared over area, 1 for a disc."""
        ink = (self.drawing.ink() > 127).astype(np.uint8)
        outlines, _ = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        around = sum(cv2.arcLength(outline, True) for outline in outlines)
        return float(around**2 / (4 * np.pi * max(1, int(ink.sum()))))

    @property
    def orb(self) -> bool:
        """Whether it hangs in the sky as a sun, moon or star would: round, or yellow all over."""
        return self.stance == "floats" and (self.golden or self.richness < _ORB)

    def standing(self, x: float, floor: float, size: float, mirrored: bool = False) -> Placement:
        """Its ink's foot on `floor`, its square `size` sides large."""
        return Placement(x, floor - (self.drawing.frame[3] - 0.5) * size, size, 0.0, mirrored)


@dataclass
class Stage:
    """One cover being composed.

    Attributes:
        canvas: what is painted.
        cast: none, one or two subjects.
        ground: the place, if one is shown.
        look: the colours.
        chance: the stream of the composition.
        effects: the stream of light: clouds and stars.
        weather: its name.
        drift: the stream of the weather.
        sun: where light comes from, in sides; filled by whoever paints the sky.
        water: where what swims lies, from the top, in sides; filled likewise, if the place has water.
    """

    canvas: Canvas
    cast: tuple[Actor, ...]
    ground: Ground | None
    look: Look
    chance: np.random.Generator
    effects: np.random.Generator
    weather: str
    drift: np.random.Generator
    sun: tuple[float, float] = (0.25, 0.1)
    water: float | None = None

    @property
    def lead(self) -> Actor:
        """The first of the cast."""
        return self.cast[0]

    @property
    def side(self) -> int:
        """Pixels a side."""
        return self.canvas.side

    def coin(self, share: float = 0.5) -> bool:
        """True in `share` of all covers."""
        return bool(self.chance.random() < share)

    def between(self, low: float, high: float) -> float:
        """A number of the composition's stream."""
        return float(self.chance.uniform(low, high))

    def field_colours(self) -> list[Floats]:
        """The ramp's colours in the order of use: each sets the cast off, and differs from the one before."""
        colours = np.stack([self.look.shade(step) for step in self.look.grade.fields])
        lab = to_lab(colours)
        stands_off = np.full(len(colours), 100.0)
        for share, part in (part for actor in self.cast for part in _parts(actor)):
            away = np.linalg.norm(lab - to_lab(part), axis=-1)
            stands_off = np.minimum(stands_off, away + 30 * (1 - share))
        order = [int(stands_off.argmax())]
        while len(order) < len(colours):
            change = np.minimum(np.linalg.norm(lab - lab[order[-1]], axis=-1), 50)
            merit = stands_off + 1.1 * change
            merit[order] = -1
            order.append(int(merit.argmax()))
        return [colours[number] for number in order]


def _parts(actor: Actor) -> list[tuple[float, Floats]]:
    """The larger regions: share and colour."""
    drawing = actor.drawing
    return [
        (float(share), colour)
        for share, colour in zip(drawing.shares, drawing.colours, strict=True)
        if share > 0.08
    ]


def set_stage(
    content: Content, look: Look, weather: str, seed: int, side: int, composition: int | None = None
) -> Stage:
    """The stage for a content, its layers traced and coloured; `composition` is a seed of its own."""
    cast = tuple(_actor(layer, look) for layer in content.subjects)
    ground = None
    if content.ground is not None:
        ground = as_ground(content.ground).recoloured(look)
    chance = stream(seed if composition is None else composition, "composition")
    effects = stream(seed, "effects")
    return Stage(
        Canvas(side), cast, ground, look, chance, effects, weather, stream(seed, "weather")
    )


def _actor(layer: SubjectLayer, look: Look) -> Actor:
    drawing = trace(layer.pixels)
    if layer.colour is not None:
        drawing = tinted(drawing, layer.colour)
    asked = layer.colour is not None
    dressed = drawing.recoloured(lambda c: look.of_subject(c, asked))
    return Actor(dressed, layer.stance, _golden(drawing), layer.mirrors)


def _golden(drawing: Drawing) -> bool:
    _, a, b = to_lab(drawing.colours).T
    yellow = (b > _YELLOW) & (np.abs(a) < 0.6 * b)
    return bool(drawing.shares[yellow].sum() > _ALL_OVER)
