"""The cast in its landscape, on a third, with its shadow; or its place alone."""

from __future__ import annotations

from songdalle_core.finishing.devices.parts import paint_cast, paint_setting
from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.layout import in_air, on_floor
from songdalle_core.finishing.places import FULL
from songdalle_core.finishing.stage import Stage


def landscape(stage: Stage) -> None:
    """The cast on the floor of the place, seen from eye height."""
    _scenery(stage, FULL, stage.between(0.42, 0.6))


def low_angle(stage: Stage) -> None:
    """The place nearer and lower, the cast tall against its sky."""
    zoom = stage.between(1.15, 1.35)
    placement = Placement(
        0.5 + stage.between(-0.08, 0.08), 1.06 - zoom / 2 + 0.1, zoom, 0, stage.coin()
    )
    _scenery(stage, placement, 0.72)


def _scenery(stage: Stage, placement: Placement, size: float) -> None:
    floor = paint_setting(stage, placement)
    if stage.cast:
        emblem = all(actor.stance == "emblem" for actor in stage.cast)
        places = in_air(stage, size, 0.5, 0.46) if emblem else on_floor(stage, size, floor)
        paint_cast(stage, places, None if emblem else floor)
