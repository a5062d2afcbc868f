"""The cast so near that it leaves the frame."""

from __future__ import annotations

from songdalle_core.finishing import shapes
from songdalle_core.finishing.devices.parts import paint_backdrop, paint_cast
from songdalle_core.finishing.enlarging import Placement
from songdalle_core.finishing.layout import in_air
from songdalle_core.finishing.stage import Stage

_SEEN = 0.84  # share of a subject's height that the lower edge leaves


def close_up(stage: Stage) -> None:
    """Cut by the lower edge, and by one side a little; two are simply large."""
    paint_backdrop(stage)
    if len(stage.cast) == 2:
        paint_cast(stage, in_air(stage, 0.84, y=0.55), None)
        return
    lead = stage.lead
    above = stage.between(0.07, 0.13)
    tallest = (1 - above) / (_SEEN * max(lead.height, 0.2))
    size = min(1.15, 0.98 / max(lead.width, 0.2), tallest)
    x = 0.5 + stage.between(-0.09, 0.09)
    y = max(0.5, above + (0.5 - lead.drawing.frame[1]) * size)
    tilt = stage.between(-8, 8) if lead.stance != "stands" else 0.0
    paint_cast(stage, [Placement(x, y, size, tilt, stage.coin())], None, rim=0.6)


def vignette(stage: Stage) -> None:
    """A great pale disc behind, half out of the frame, and the cast before it."""
    paint_backdrop(stage, empty=True)
    radius = stage.between(0.34, 0.42)
    x, y = stage.between(0.3, 0.7), stage.between(0.35, 0.5)
    box, mask = shapes.polygons([shapes.disc(x, y, radius)], stage.side)
    indoors = stage.ground is not None and stage.ground.indoors
    stage.canvas.lay(stage.look.sun, mask, box, 0.35 if indoors else 0.8)
    stage.sun = (x, y)
    paint_cast(stage, in_air(stage, 0.66, y=0.54), None, rim=0.8)
