"""The cast on the far shore of still water, and its image in it."""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing import shapes
from songdalle_core.finishing.colour import mixed
from songdalle_core.finishing.devices.parts import paint_cast
from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.layout import in_air, on_floor
from songdalle_core.finishing.places import floor_of, paint_place
from songdalle_core.finishing.scene import Floats
from songdalle_core.finishing.skies import paint_sky
from songdalle_core.finishing.stage import Stage


def reflection(stage: Stage) -> None:
    """Everything above a level line is seen again below it, dimmer and rippled."""
    line = stage.between(0.64, 0.7)
    paint_sky(stage, line)
    if stage.ground is not None:
        rise = line - floor_of(stage.ground)
        paint_place(stage, Placement(0.5, 0.5 + rise, 1.0, 0.0, stage.coin()))
    if stage.cast:
        flying = all(actor.stance in ("floats", "emblem") for actor in stage.cast)
        size = 0.6 if not flying else 0.56
        y = 0.5 * line
        places = in_air(stage, size, 0.5, y) if flying else on_floor(stage, size, line + 0.012, 0.5)
        paint_cast(stage, places, None, rim=0.7)
    _mirror(stage, line)


def _mirror(stage: Stage, line: float) -> None:
    """Water from the line down: the rows above, upside down, swayed by ripples."""
    canvas, side = stage.canvas, stage.side
    first = round(line * side)
    y = (np.arange(first, side, dtype=np.float32) + 0.5) / side - line
    waves = np.sin(2 * np.pi * 4.2 * np.log(1 + 9 * y)) + 0.5 * np.sin(2 * np.pi * 23 * np.sqrt(y))
    sway = (0.004 + 0.016 * y) * waves  # ripples widen as they come nearer
    columns = np.arange(side, dtype=np.float32)[None] + (sway * side)[:, None].astype(np.float32)
    rows = np.broadcast_to(((line - 1.15 * y) * side)[:, None], columns.shape).astype(np.float32)
    water = mixed(stage.look.ramp[1], stage.look.horizon, 0.3)
    dim = (0.22 + 0.5 * y / max(1 - line, 0.05)).astype(np.float32)[:, None]
    for plane, value in zip(canvas.colours, water, strict=True):
        image = cv2.remap(plane, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        plane[first:] = image + dim * (value - image)
    canvas.subject[first:] = 0
    canvas.ground[first:] = 0
    canvas.depth[first:] = (0.7 * (1 - y / max(1 - line, 0.05)))[:, None]
    _glints(stage, line, water)


def _glints(stage: Stage, line: float, water: Floats) -> None:
    """A few level streaks of light on the water."""
    outlines = []
    for _ in range(9):
        y = line + (1 - line) * stage.between(0.03, 0.95) ** 1.3
        half, x = stage.between(0.02, 0.12) * (0.5 + 2 * (y - line)), stage.between(0.1, 0.9)
        outlines.append(shapes.ellipse(x, y, half, 0.0022 + 0.006 * (y - line), 40))
    box, mask = shapes.polygons(outlines, stage.side)
    stage.canvas.lay(mixed(water, stage.look.ramp[4], 0.7), mask, box, 0.6)
