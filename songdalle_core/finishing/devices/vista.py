"""Covers without a subject: a place under a large sky."""

from __future__ import annotations

from songdalle_core.finishing import shapes
from songdalle_core.finishing.devices.parts import covered, paint_plain, papers, place_within
from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.places import horizon_of, paint_place
from songdalle_core.finishing.skies import paint_sky
from songdalle_core.finishing.stage import Stage


def vista(stage: Stage) -> None:
    """The place low and the sky large; indoors a nearer look at the room."""
    placement = Placement(0.5, 0.5, 1.0, 0.0, stage.coin())
    if stage.ground is not None and stage.ground.indoors:
        placement = nearer(stage, stage.between(1.0, 1.35))
    elif stage.ground is not None:
        low = stage.between(0.0, 0.14)
        placement = Placement(0.5, 0.5 + low, 1.0 + 2 * low, 0.0, stage.coin())
    horizon = horizon_of(stage.ground, placement)
    paint_sky(stage, horizon)
    if stage.ground is None:
        paint_plain(stage, horizon)
    else:
        paint_place(stage, placement)


def great_sun(stage: Stage) -> None:
    """The place against a huge disc that stands on its skyline."""
    radius = stage.between(0.24, 0.32)
    horizon = horizon_of(stage.ground)
    y = horizon - 0.5 * radius
    if stage.ground is not None:
        y = min(y, stage.ground.skyline + 0.1 * radius)
    paint_sky(stage, horizon, (stage.between(0.35, 0.65), y, radius))
    if stage.ground is None:
        paint_plain(stage, horizon)
    else:
        paint_place(stage, Placement(0.5, 0.5, 1.0, 0.0, stage.coin()))


def framed(stage: Stage) -> None:
    """The place in a disc, an arch or a square on plain paper."""
    paper = papers(stage)[int(stage.coin(0.4))]
    outlines = (
        shapes.disc(0.5, 0.5, 0.38),
        shapes.arch(0.5, 0.1, 0.66, 0.9),
        shapes.rectangle(0.1, 0.1, 0.9, 0.9),
    )
    stage.canvas.colours[:] = paper[:, None, None]
    chosen = outlines[int(stage.chance.integers(3))]
    place_within(stage, covered(stage, [chosen]))


def nearer(stage: Stage, zoom: float, tilt: float = 0.0) -> Placement:
    """The ground enlarged, moved by chance as far as it still fills the cover."""
    room = (zoom - 1) / 2
    x, y = 0.5 + room * stage.between(-1, 1), 0.5 + room * stage.between(-1, 1)
    return Placement(x, y, zoom, tilt, stage.coin())
