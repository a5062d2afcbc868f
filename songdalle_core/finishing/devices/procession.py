"""Near and far: the cast in front, its likes behind, smaller and hazier with distance."""

from __future__ import annotations

from songdalle_core.finishing.devices.parts import paint_cast, paint_setting
from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.figures import paint_distant
from songdalle_core.finishing.layout import in_air, on_floor
from songdalle_core.finishing.places import FULL, horizon_of
from songdalle_core.finishing.stage import Stage


def procession(stage: Stage) -> None:
    """Two rows of shapes towards the horizon (or into the sky), then the cast."""
    floor = paint_setting(stage, FULL)
    horizon = horizon_of(stage.ground, default=floor - 0.12)
    flying = all(actor.stance in ("floats", "emblem") for actor in stage.cast)
    for row, (size, count, haze) in enumerate(((0.15, 5, 0.62), (0.25, 3, 0.38))):
        for number in range(count):
            actor = stage.cast[number % len(stage.cast)]
            x = (number + 0.5 + 0.25 * (-1) ** row) / count + stage.between(-0.03, 0.03)
            if flying:
                spot = Placement(x, 0.16 + 0.2 * row + stage.between(-0.05, 0.05), size)
            else:
                spot = actor.standing(x, horizon + (floor - horizon) * (0.15 + 0.3 * row), size)
            paint_distant(stage, actor, spot, haze)
    if flying:
        paint_cast(stage, in_air(stage, 0.58, y=0.56), None)
    else:
        paint_cast(stage, on_floor(stage, 0.6, min(0.94, floor + 0.03)), floor)
