"""Covers of nothing but shapes, for lyrics that name no thing: an abstract ground in many guises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from songdalle_core.finishing import shapes
from songdalle_core.finishing.colour import luma, mixed, to_lab
from songdalle_core.finishing.devices.parts import papers
from songdalle_core.finishing.devices.vista import nearer
from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.places import paint_place
from songdalle_core.finishing.scene import Floats
from songdalle_core.finishing.skies import paint_sky
from songdalle_core.finishing.stage import Stage


def abstract(stage: Stage) -> None:
    """Shapes over the whole cover, turned and enlarged by chance."""
    _cover(stage, 1.0, 1.6)


def abstract_detail(stage: Stage) -> None:
    """A small part of the shapes, large."""
    _cover(stage, 1.8, 2.6)


def abstract_two_colours(stage: Stage) -> None:
    """Shapes in two colours of the ramp, as a linocut of one block."""
    _in_two_colours(stage)
    _cover(stage, 1.0, 1.3)


def abstract_sun(stage: Stage) -> None:
    """Shapes under a sun or moon."""
    _cover(stage, 1.0, 1.8)
    look = stage.look
    x, y, radius = stage.between(0.3, 0.7), stage.between(0.3, 0.6), stage.between(0.17, 0.3)
    box, mask = shapes.polygons([shapes.disc(x, y, radius)], stage.side)
    stage.canvas.lay(_unlike(stage, [look.sun, look.shade(4), look.shade(0.3)]), mask, box)
    stage.sun = (x, y)


def abstract_window(stage: Stage) -> None:
    """The shapes, and in a disc, an arch, a diamond or a half the same ones nearer and turned."""
    _cover(stage, 1.0, 1.4)
    canvas = stage.canvas
    before = canvas.colours.copy()
    _cover(stage, 1.8, 2.6)
    reach = stage.between(0.27, 0.36)
    outlines = (
        shapes.disc(0.5, 0.5, reach),
        shapes.arch(0.5, 0.5 - reach, 1.4 * reach, 1.1),
        np.array([(0.5, 0.5 - reach), (0.5 + reach, 0.5), (0.5, 0.5 + reach), (0.5 - reach, 0.5)]),
        np.array([(-0.3, 0.5 - reach), (1.3, 0.5 + reach), (1.3, 1.6), (-0.3, 1.6)]),
        shapes.rectangle(0.5, -0.5, 1.5, 1.5),
    )
    outline = outlines[int(stage.chance.integers(len(outlines)))]
    middle = outline.mean(axis=0)
    edge = middle + (outline - middle) * 1.07
    inside, rim = (_covered(stage, each) for each in (outline, edge))
    canvas.lay(before, 1 - inside)
    canvas.lay(_unlike(stage, list(stage.look.ramp)), rim - np.minimum(inside, rim))


def abstract_quarters(stage: Stage) -> None:
    """Four quarters, each turned a step further than the one before: a tile of many."""
    if stage.coin(0.4):
        _in_two_colours(stage)
    paint_sky(stage, 1.0, empty=True)
    first, mirrored = int(stage.chance.integers(4)), stage.coin()
    whole = stage.canvas.colours.copy()
    for number, (x, y) in enumerate(((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))):
        tilt = 90.0 * (first + number)
        paint_place(stage, Placement(x, y, 0.5, tilt, mirrored))
        left, top = round((x - 0.25) * stage.side), round((y - 0.25) * stage.side)
        right, bottom = round((x + 0.25) * stage.side), round((y + 0.25) * stage.side)
        part = (slice(None), slice(top, bottom), slice(left, right))
        whole[part] = stage.canvas.colours[part]
    stage.canvas.colours[:] = whole


def abstract_framed(stage: Stage) -> None:
    """The shapes on plain paper: in a disc, a square, an arch, or two bands."""
    paper = papers(stage)[int(stage.coin(0.4))]
    _cover(stage, 1.0, 1.8)
    outlines = (
        [shapes.disc(0.5, 0.5, 0.37)],
        [shapes.rectangle(0.16, 0.16, 0.84, 0.84)],
        [shapes.arch(0.5, 0.12, 0.6, 0.88)],
        [shapes.rectangle(0.12, 0.12, 0.47, 0.88), shapes.rectangle(0.53, 0.12, 0.88, 0.88)],
    )
    chosen = outlines[int(stage.chance.integers(len(outlines)))]
    box, mask = shapes.polygons(chosen, stage.side)
    outside = np.ones((stage.side, stage.side), np.float32)
    outside[box.slices] -= mask
    stage.canvas.lay(paper, outside)
    stage.canvas.ground *= 1 - outside


def _cover(stage: Stage, least: float, most: float) -> None:
    """The shapes over the whole cover, by a quarter turn or none."""
    tilt = 90.0 * int(stage.chance.integers(4))
    paint_sky(stage, 1.0, empty=True)
    paint_place(stage, nearer(stage, stage.between(least, most), tilt))


def _covered(stage: Stage, outline: shapes.Points) -> Floats:
    whole = np.zeros((stage.side, stage.side), np.float32)
    box, mask = shapes.polygons([outline], stage.side)
    if not box.empty:
        whole[box.slices] = mask
    return whole


def _unlike(stage: Stage, colours: list[Floats]) -> Floats:
    """The colour that differs most from the shapes' own."""
    assert stage.ground is not None
    own = to_lab(stage.ground.drawing.colours)
    away = [float(np.linalg.norm(own - to_lab(colour), axis=-1).min()) for colour in colours]
    return colours[int(np.argmax(away))]


def _in_two_colours(stage: Stage) -> None:
    """Dark shapes become one colour and light ones the other, about as much of either."""
    ground = stage.ground
    assert ground is not None
    drawing = ground.drawing
    order = np.argsort(luma(drawing.colours), kind="stable")
    light = np.zeros(len(order), np.bool_)
    light[order[np.cumsum(drawing.shares[order]) > 0.5]] = True
    dark, pale = stage.field_colours()[:2]
    if float(luma(dark)) > float(luma(pale)):
        dark, pale = pale, dark
    if float(luma(pale) - luma(dark)) < 0.25:
        dark, pale = stage.look.shade(0.6), stage.look.shade(3.4)
    colours = np.where(light[:, None], pale, mixed(dark, stage.look.shade(0.2), 0.2))
    gradients = (None,) * len(colours)
    drawing = replace(drawing, colours=colours.astype(np.float32), gradients=gradients)
    stage.ground = replace(ground, drawing=drawing)
