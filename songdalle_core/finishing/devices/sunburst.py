"""Rays that burst from behind the cast."""

from __future__ import annotations

from songdalle_core.finishing import shapes
from songdalle_core.finishing.devices.parts import paint_cast, scenic
from songdalle_core.finishing.layout import in_air, on_floor
from songdalle_core.finishing.places import floor_of, paint_place
from songdalle_core.finishing.stage import Stage


def sunburst(stage: Stage) -> None:
    """Two colours in turn round a disc; the place stands before them."""
    first, second, third = stage.field_colours()[:3]
    x, y = 0.5, stage.between(0.44, 0.54)
    canvas = stage.canvas
    canvas.colours[:] = first[:, None, None]
    count = int(stage.chance.integers(9, 15))
    box, mask = shapes.polygons(shapes.rays(x, y, count, stage.between(0, 1)), stage.side)
    canvas.lay(second, mask, box, 0.85)
    box, mask = shapes.polygons([shapes.disc(x, y, stage.between(0.26, 0.33))], stage.side)
    canvas.lay(third, mask, box)
    stage.sun = (x, y)
    floor = min(0.92, floor_of(stage.ground))
    if scenic(stage):
        paint_place(stage)
    stands = any(actor.stance in ("stands", "swims") for actor in stage.cast)
    places = on_floor(stage, 0.64, floor, 0.5) if stands else in_air(stage, 0.64, x, y)
    paint_cast(stage, places, floor if stands and stage.ground else None, rim=0.3)
