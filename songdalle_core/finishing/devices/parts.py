"""What several devices paint."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from songdalle_core.finishing import shapes
from songdalle_core.finishing.colour import mixed, to_lab
from songdalle_core.finishing.enlarging import Placement, box_of
from songdalle_core.finishing.figures import (
    cast_shadow,
    paint_figure,
    paint_gloom,
    paint_glow,
    paint_image_in_water,
)
from songdalle_core.finishing.grounds import WATERS
from songdalle_core.finishing.places import FULL, floor_of, horizon_of, paint_place
from songdalle_core.finishing.scene import Floats
from songdalle_core.finishing.skies import paint_sky
from songdalle_core.finishing.stage import Actor, Stage
from songdalle_core.finishing.weather import paint_weather

_ALIKE = 20.0  # L*a*b*: a subject this near to what is behind it would not be seen


def paint_setting(
    stage: Stage,
    placement: Placement = FULL,
    disc: tuple[float, float, float] | None = None,
    horizon: float | None = None,
) -> float:
    """Sky and place, or sky and a plain floor.

    Returns:
        The floor: where feet stand, from the top, in sides.
    """
    ground = stage.ground
    if ground is not None:
        level = horizon_of(ground, placement)
        if ground.place in WATERS:
            stage.water = level + 0.4 * (floor_of(ground, placement) - level)
        paint_sky(stage, level, disc)
        paint_place(stage, placement)
        return min(0.93, max(0.76, floor_of(stage.ground, placement)))
    horizon = stage.between(0.68, 0.78) if horizon is None else horizon
    paint_sky(stage, horizon, disc)
    if stage.cast and all(actor.stance in ("floats", "emblem") for actor in stage.cast):
        return 0.9
    paint_plain(stage, horizon)
    return horizon + 0.55 * (1 - horizon)


def paint_plain(stage: Stage, horizon: float) -> None:
    """A level floor in two flat colours of the ramp."""
    near = stage.look.of_ground(stage.look.ramp[1:2])[0]
    far = mixed(near, stage.look.horizon, 0.45)
    tilt = stage.between(-0.02, 0.02)
    for top, colour, lean in ((horizon, far, 0.0), (horizon + 0.07, near, tilt)):
        outline = shapes.rectangle(-0.1, top, 1.1, 1.1)
        outline[0, 1] += lean
        outline[1, 1] -= lean
        box, mask = shapes.polygons([outline], stage.side)
        stage.canvas.lay(colour, mask, box)
        rows, columns = box.slices
        view = stage.canvas.depth[rows, columns]
        view += mask * (0.4 - view)


def paint_cast(
    stage: Stage,
    places: list[Placement],
    floor: float | None,
    rim: float = 0.5,
    backlit: float = 0.0,
) -> None:
    """Every subject at its place, with the shadows of those that have a floor."""
    paint_weather(stage, near=False)
    places = [
        place if actor.mirrors else replace(place, mirrored=False)
        for actor, place in zip(stage.cast, places, strict=True)
    ]
    for actor, place in zip(stage.cast, places, strict=True):
        _set_off(stage, actor, place)
    farthest_first = sorted(zip(stage.cast, places, strict=True), key=lambda pair: pair[1].size)
    for actor, place in farthest_first:
        if floor is not None and actor.stance == "stands":
            foot = place.y + (actor.drawing.frame[3] - 0.5) * place.size
            cast_shadow(stage, actor, place, foot if len(places) > 1 else floor)
        if stage.water is not None and actor.stance == "swims":
            paint_image_in_water(stage, actor, place, stage.water)
        paint_figure(stage, actor, place, rim + 0.2 * stage.look.dark, backlit)


def scenic(stage: Stage) -> bool:
    """Whether the place can stand before a backdrop of the device's own: it has a sky."""
    ground = stage.ground
    return ground is not None and not ground.indoors and not ground.abstract


def place_within(stage: Stage, inside: Floats) -> None:
    """Sky and place where `inside` (S, S) covers; what was painted before stays elsewhere."""
    canvas = stage.canvas
    before, depth = canvas.colours.copy(), canvas.depth.copy()
    placement = Placement(0.5, 0.5, 1.0, 0.0, stage.coin())
    horizon = horizon_of(stage.ground, placement)
    paint_sky(stage, horizon)
    if stage.ground is None:
        paint_plain(stage, horizon)
    else:
        paint_place(stage, placement)
    outside = 1 - inside
    canvas.lay(before, outside)
    canvas.ground *= inside
    canvas.depth += outside * (depth - canvas.depth)


def paint_backdrop(stage: Stage, empty: bool = False) -> None:
    """The place, or a plain field that sets the cast off, a little lighter in the middle.

    Args:
        stage: painted on.
        empty: see `paint_sky`.
    """
    if stage.ground is not None:
        placement = Placement(0.5, 0.5, 1.0, 0.0, stage.coin())
        paint_sky(stage, horizon_of(stage.ground, placement), empty=empty)
        paint_place(stage, placement)
        return
    field = stage.field_colours()[int(stage.coin(0.35))]
    stage.canvas.colours[:] = field[:, None, None]
    stage.sun = (0.15 + 0.7 * stage.coin(), 0.1)
    paint_glow(stage, 0.5, 0.45, 0.6, 0.16)


def papers(stage: Stage) -> list[Floats]:
    """Colours of the ramp for a margin, those that set the scenery off best first."""
    look = stage.look
    scenery = [look.top, look.horizon]
    if stage.ground is not None:
        scenery.append(stage.ground.drawing.shares @ stage.ground.drawing.colours)
    colours = np.stack([look.shade(step) for step in (0.1, 1.0, 2.2, 3.2, 3.9)])
    away = to_lab(colours)[:, None] - to_lab(np.stack(scenery))[None]
    order = np.argsort(-np.linalg.norm(away, axis=-1).min(axis=1), kind="stable")
    return [colours[number] for number in order]


def _set_off(stage: Stage, actor: Actor, place: Placement) -> None:
    """Light behind a subject by night, and light or dark behind one that has its backing's colour."""
    look, box = stage.look, box_of(place, stage.side, actor.drawing.frame)
    if box.empty:
        return
    rows, columns = box.slices
    step = max(1, min(box.shape) // 16)
    backing = stage.canvas.colours[:, rows, columns][:, ::step, ::step].mean(axis=(1, 2))
    apart = to_lab(actor.colour) - to_lab(backing)
    alike = float(np.linalg.norm(apart)) < _ALIKE
    if alike and apart[0] > 0:
        paint_gloom(stage, place.x, place.y, 0.6 * place.size)
    elif alike or look.dark:
        paint_glow(stage, place.x, place.y, 0.55 * place.size, 0.5 if alike else 0.42)


def covered(stage: Stage, outlines: list[shapes.Points]) -> Floats:
    """Coverage of the whole cover by outlines, (S, S)."""
    whole = stage.canvas.subject * 0
    box, mask = shapes.polygons(outlines, stage.side)
    if not box.empty:
        whole[box.slices] = mask
    return whole
