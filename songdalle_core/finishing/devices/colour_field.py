"""A flat field with one large shape behind the cast; a place shows inside the shape."""

from __future__ import annotations

import numpy as np

from songdalle_core.finishing import shapes
from songdalle_core.finishing.devices.parts import covered, paint_cast, place_within
from songdalle_core.finishing.layout import in_air, on_floor
from songdalle_core.finishing.stage import Stage


def disc_field(stage: Stage) -> None:
    """A disc."""
    _field(stage, [shapes.disc(0.5, 0.5, stage.between(0.36, 0.41))], 0.92)


def arch_field(stage: Stage) -> None:
    """A round arch that stands on a floor."""
    floor = stage.between(0.84, 0.9)
    outline = shapes.arch(0.5, stage.between(0.08, 0.14), stage.between(0.62, 0.74), floor)
    _field(stage, [outline], floor)


def halves(stage: Stage) -> None:
    """Two halves, level or slanted."""
    slant = stage.between(0.08, 0.3) * (1 if stage.coin() else -1)
    y = stage.between(0.5, 0.62)
    outline = np.array([(-0.1, y - slant), (1.1, y + slant), (1.1, 1.1), (-0.1, 1.1)])
    _field(stage, [outline], 0.86)


def _field(stage: Stage, outlines: list[shapes.Points], floor: float) -> None:
    first, second = stage.field_colours()[:2]
    if stage.coin():
        first, second = second, first
    canvas = stage.canvas
    stage.sun = (0.15 + 0.7 * stage.coin(), 0.1)
    canvas.colours[:] = first[:, None, None]
    if stage.ground is not None:
        place_within(stage, covered(stage, outlines))
    else:
        box, mask = shapes.polygons(outlines, stage.side)
        canvas.lay(second, mask, box)
    stands = any(actor.stance == "stands" for actor in stage.cast)
    size = 0.66 if stage.ground is None else 0.54  # the place is to be told
    places = on_floor(stage, size, floor, 0.5) if stands else in_air(stage, size)
    paint_cast(stage, places, floor if stands else None, rim=0.35)
