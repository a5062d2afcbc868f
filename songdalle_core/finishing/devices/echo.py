"""The cast with a trail of its own shape in the palette's colours."""

from __future__ import annotations

from math import cos, radians, sin

from songdalle_core.finishing.devices.parts import paint_backdrop, paint_cast
from songdalle_core.finishing.figures import paint_shape
from songdalle_core.finishing.layout import in_air
from songdalle_core.finishing.stage import Stage


def echo(stage: Stage) -> None:
    """Four echoes, each a step further the same way, the farthest nearest to the field's colour."""
    paint_backdrop(stage)
    angle = radians(stage.between(200, 340))
    step = stage.between(0.035, 0.055)
    dx, dy = step * cos(angle), step * sin(angle)
    places = [place.moved(-1.6 * dx, -1.6 * dy) for place in in_air(stage, 0.6)]
    steps = (0.8, 1.7, 2.6, 3.5) if stage.coin() else (3.5, 2.6, 1.7, 0.8)
    for number, shade in zip((4, 3, 2, 1), steps, strict=True):
        for actor, place in zip(stage.cast, places, strict=True):
            echo_at = place.moved(number * dx, number * dy)
            paint_shape(stage, actor, echo_at, stage.look.shade(shade))
    stage.sun = (0.5 + 4 * dx, 0.5 + 4 * dy)
    paint_cast(stage, places, None, rim=0.2)
