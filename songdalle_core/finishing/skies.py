"""Skies: a graded field, a sun or moon, and a few clouds or stars."""

from __future__ import annotations

import numpy as np

from songdalle_core.finishing import shapes
from songdalle_core.finishing.colour import mixed
from songdalle_core.finishing.stage import Stage


def paint_sky(
    stage: Stage,
    horizon: float,
    disc: tuple[float, float, float] | None = None,
    empty: bool = False,
) -> None:
    """Fill the canvas with sky down to the horizon, and with its last colour below.

    Args:
        stage: painted on; its `sun` is set.
        horizon: from the top, in sides.
        disc: x, y and radius of the sun or moon; None: where the light has it.
        empty: whether the device paints a sun or moon of its own, so that the sky shows none.
    """
    canvas, look = stage.canvas, stage.look
    rows = (np.arange(canvas.side, dtype=np.float32) + 0.5) / canvas.side
    t = np.clip(rows / max(horizon, 0.05), 0, 1) ** np.float32(1.2)
    if stage.effects.random() < 0.3:  # a sky of flat bands, as on a screen print
        bands = int(stage.effects.integers(5, 9))
        t = np.floor(t * bands) / (bands - 1)
    for plane, top, low in zip(canvas.colours, look.top, look.horizon, strict=True):
        plane[:] = (top + (low - top) * np.clip(t, 0, 1))[:, None]
    if look.light.stars:
        _stars(stage, horizon)
    x, y, radius = disc or _usual_disc(stage, horizon)
    stage.sun = (x, y)
    lit = look.light.hard > 0.3 and not any(actor.orb for actor in stage.cast)
    if disc is not None or (lit and not empty):
        paint_disc(stage, x, y, radius, horizon)
    if not look.light.stars:
        _clouds(stage, horizon)


def _usual_disc(stage: Stage, horizon: float) -> tuple[float, float, float]:
    chance, light = stage.effects, stage.look.light
    x = float(chance.choice((0.2, 0.28, 0.5, 0.72, 0.8)))
    radius = float(chance.uniform(0.05, 0.085)) * (1 + 0.9 * (light.elevation < 0.4))
    y = horizon * (1 - light.elevation) + float(chance.uniform(-0.03, 0.03))
    return x, max(y, radius + 0.05), radius


def paint_disc(stage: Stage, x: float, y: float, radius: float, horizon: float) -> None:
    """A sun or moon with its halo; below the horizon it is hidden."""
    canvas, look = stage.canvas, stage.look
    glow_x, glow_y = shapes.lattice()
    away = np.sqrt((glow_x - x) ** 2 + (glow_y - y) ** 2)
    halo = np.exp(-np.maximum(away - radius, 0) / (0.10 + 0.6 * radius)) * np.float32(0.42)
    canvas.shine(look.sun, shapes.enlarged(halo, canvas.side))
    box, mask = shapes.polygons([shapes.disc(x, y, radius)], canvas.side)
    if not box.empty:
        rows = np.arange(box.top, box.bottom, dtype=np.float32) + 0.5
        above = np.clip(horizon * canvas.side - rows + 0.5, 0, 1)
        canvas.lay(look.sun, mask * above[:, None], box, 0.96)


def _stars(stage: Stage, horizon: float) -> None:
    chance = stage.effects
    count = int(chance.integers(40, 90))
    where = chance.random((count, 2)) * (1.0, horizon)
    sizes = 0.0012 + 0.0035 * chance.random(count) ** 5
    box, mask = shapes.polygons(shapes.dots(where, sizes, 12), stage.side)
    stage.canvas.lay(mixed(stage.look.sun, stage.look.ramp[4], 0.5), mask, box, 0.85)


def _clouds(stage: Stage, horizon: float) -> None:
    """Up to three clouds of a few discs on a level base."""
    chance, look = stage.effects, stage.look
    pale = mixed(look.horizon, look.ramp[4], 0.55)
    for _ in range(int(chance.integers(0, 4))):
        x, y = float(chance.uniform(-0.05, 1.05)), horizon * float(chance.uniform(0.12, 0.7))
        width = float(chance.uniform(0.16, 0.42))
        outlines = [shapes.ellipse(x, y, width / 2, width * 0.07, 80)]
        for _ in range(int(chance.integers(2, 4))):
            dx, r = float(chance.uniform(-0.28, 0.28)) * width, float(chance.uniform(0.1, 0.2))
            outlines.append(
                shapes.ellipse(x + dx, y - 0.04 * width, r * width, r * width * 0.8, 80)
            )
        box, mask = shapes.polygons(outlines, stage.side)
        if not box.empty:
            stage.canvas.lay(pale, mask, box, float(chance.uniform(0.35, 0.75)))
