"""Many small ones as a wallpaper, and the one that is different before them."""

from __future__ import annotations

from math import hypot

from songdalle_core.finishing import shapes
from songdalle_core.finishing.colour import mixed
from songdalle_core.finishing.devices.parts import covered, paint_cast, place_within
from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.figures import paint_shape
from songdalle_core.finishing.layout import in_air
from songdalle_core.finishing.stage import Stage


def pattern(stage: Stage) -> None:
    """Rows of flat shapes, every second row moved by half; the cast in colour on a plain disc."""
    field, other, third = stage.field_colours()[:3]
    canvas = stage.canvas
    canvas.colours[:] = field[:, None, None]
    across = int(stage.chance.integers(4, 6))
    step, tilt = 1 / across, stage.between(-12, 12)
    radius = stage.between(0.33, 0.37)
    dim = mixed(field, other, 0.55)
    for row in range(-1, across + 1):
        for column in range(-1, across + 1):
            actor = stage.cast[(row + column) % len(stage.cast)]
            x, y = (column + 0.5 + 0.5 * (row % 2)) * step, (row + 0.5) * step
            if hypot(x - 0.5, y - 0.5) < radius + 0.3 * step:  # cut ones would look like mistakes
                continue
            spot = Placement(x, y, 0.74 * step, tilt, bool(row % 2))
            paint_shape(stage, actor, spot, dim)
    outlines = [shapes.disc(0.5, 0.5, radius)]
    if stage.ground is not None:
        place_within(stage, covered(stage, outlines))
    else:
        box, mask = shapes.polygons(outlines, stage.side)
        canvas.lay(third if stage.coin(0.6) else field, mask, box)
    stage.sun = (0.2, 0.1)
    paint_cast(stage, in_air(stage, 0.58 if stage.ground is None else 0.48), None, rim=0.2)
