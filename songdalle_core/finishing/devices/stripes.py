"""Bands of the palette: a sunset in stripes, or arches one inside the other."""

from __future__ import annotations

import numpy as np

from songdalle_core.finishing import shapes
from songdalle_core.finishing.devices.parts import paint_cast, scenic
from songdalle_core.finishing.layout import in_air, on_floor
from songdalle_core.finishing.places import floor_of, paint_place
from songdalle_core.finishing.stage import Stage


def stripes(stage: Stage) -> None:
    """A setting sun cut by slits that widen towards the ground, over level bands."""
    canvas, look = stage.canvas, stage.look
    colours = [look.shade(step) for step in (0.6, 1.2, 1.9, 2.6, 3.2)]
    canvas.colours[:] = colours[0][:, None, None]
    for number, colour in enumerate(colours[1:], start=1):
        top = 0.16 * number + 0.02
        box, mask = shapes.polygons([shapes.rectangle(-0.1, top, 1.1, 1.1)], stage.side)
        canvas.lay(colour, mask, box)
    radius, y = stage.between(0.3, 0.36), stage.between(0.44, 0.5)
    whole, mask = shapes.polygons([shapes.disc(0.5, y, radius)], stage.side)
    rows = (np.arange(whole.top, whole.bottom) + 0.5) / stage.side
    phase = ((rows - y) / radius * 5.5) % 1.0
    slit = np.clip((rows - y + 0.25 * radius) / radius, -1, 0.62)
    open_ = np.clip((phase - slit) * stage.side * radius / 5.5 + 0.5, 0, 1)
    canvas.lay(look.shade(4), mask * open_.astype(np.float32)[:, None], whole)
    stage.sun = (0.5, y)
    _front(stage, 0.5, y)


def arches(stage: Stage) -> None:
    """Rainbow arches of the palette, rising from the lower edge."""
    look = stage.look
    stage.canvas.colours[:] = stage.field_colours()[0][:, None, None]
    x, y = stage.between(0.35, 0.65), stage.between(0.74, 0.86)
    radius, step = 0.62, 0.085
    for number in range(5):
        outline = shapes.arch(x, y - radius + step * number, 2 * (radius - step * number), 1.1)
        box, mask = shapes.polygons([outline], stage.side)
        stage.canvas.lay(look.shade((1.0, 1.8, 2.5, 3.2, 3.9)[number]), mask, box)
    stage.sun = (x, 0.2)
    _front(stage, 0.5, 0.5)


def _front(stage: Stage, x: float, y: float) -> None:
    floor = 0.9
    if scenic(stage):
        paint_place(stage)
        floor = min(0.92, floor_of(stage.ground))
    stands = any(actor.stance in ("stands", "swims") for actor in stage.cast)
    places = on_floor(stage, 0.62, floor, x) if stands else in_air(stage, 0.62, x, y)
    paint_cast(stage, places, floor if stands and stage.ground else None, rim=0.4)
