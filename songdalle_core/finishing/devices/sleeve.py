"""A printed sleeve: a paper margin, a picture inside, the cast stepping out of it."""

from __future__ import annotations

from songdalle_core.finishing import shapes
from songdalle_core.finishing.colour import mixed
from songdalle_core.finishing.devices.parts import covered, paint_cast, place_within
from songdalle_core.finishing.layout import in_air, on_floor
from songdalle_core.finishing.places import floor_of
from songdalle_core.finishing.stage import Stage


def sleeve(stage: Stage) -> None:
    """A square window low on the paper; the cast rises above its upper edge."""
    look = stage.look
    paper = mixed(look.ramp[4], look.ramp[3], stage.between(0.0, 0.25))
    dark = stage.coin(0.6)
    if dark and look.dark:
        paper = mixed(look.ramp[0], look.ramp[1], 0.3)
    margin, top = stage.between(0.075, 0.1), stage.between(0.17, 0.24)
    window = shapes.rectangle(margin, top, 1 - margin, 1 - margin)
    stage.canvas.colours[:] = paper[:, None, None]
    inside = covered(stage, [window])
    place_within(stage, inside)
    floor = min(floor_of(stage.ground), 1 - margin - 0.05)
    stands = any(actor.stance in ("stands", "swims") for actor in stage.cast)
    size = stage.between(0.68, 0.76) if stage.ground is None else stage.between(0.56, 0.66)
    places = on_floor(stage, size, floor, 0.5) if stands else in_air(stage, size, 0.5, 0.48)
    paint_cast(stage, places, floor if stands else None, rim=0.4)
