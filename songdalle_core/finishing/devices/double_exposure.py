"""A great silhouette of the cast, a landscape inside it, and the cast itself before it."""

from __future__ import annotations

from songdalle_core.finishing.devices.parts import paint_cast, papers, place_within
from songdalle_core.finishing.enlarging import draw_ink
from songdalle_core.finishing.layout import in_air
from songdalle_core.finishing.stage import Stage


def double_exposure(stage: Stage) -> None:
    """Plain paper round the silhouette; the cast at its lower side."""
    paper = papers(stage)[0]
    stage.canvas.colours[:] = paper[:, None, None]
    lead = stage.lead
    size = 0.94 / max(lead.width, lead.height)
    great = lead.standing(0.5, 0.97, size, stage.coin())
    inside = stage.canvas.subject * 0
    _, inside[:] = draw_ink(lead.drawing, great, stage.side, stage.canvas.whole)
    place_within(stage, inside)
    paint_cast(stage, in_air(stage, 0.5, 0.5 + stage.between(-0.1, 0.1), 0.66), None, rim=0.5)
