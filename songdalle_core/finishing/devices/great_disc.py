"""The cast before a huge sun or moon."""

from __future__ import annotations

from songdalle_core.finishing.devices.parts import paint_cast, paint_setting
from songdalle_core.finishing.layout import in_air, on_floor
from songdalle_core.finishing.places import floor_of, horizon_of
from songdalle_core.finishing.stage import Stage


def great_disc(stage: Stage) -> None:
    """A sun or moon as large as the cast, right behind it."""
    radius = stage.between(0.29, 0.36)
    x = 0.5 + stage.between(-0.05, 0.05)
    horizon = min(horizon_of(stage.ground), 0.74)
    y = min(horizon - 0.5 * radius, stage.between(0.36, 0.44))
    floor = paint_setting(stage, disc=(x, y, radius), horizon=horizon)
    gloomy = stage.look.dark or stage.look.grade.zenith < 1
    backlit = 0.22 if gloomy else 0.0
    stands = any(actor.stance in ("stands", "swims") for actor in stage.cast)
    if stands:
        floor = min(0.9, floor_of(stage.ground, default=floor))
        paint_cast(stage, on_floor(stage, 0.6, floor, x), floor, rim=0.9, backlit=backlit)
    else:
        paint_cast(stage, in_air(stage, 0.58, x, min(y, 0.5)), None, rim=0.9, backlit=backlit)
