"""A colour asked for: the chief hue of a drawing turned into it, shading and other hues kept."""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing.drawing import Drawing
from songdalle_core.finishing.scene import Floats

# hue in degrees (None: no hue at all), saturation and brightness as factors
_TINTS: dict[str, tuple[float | None, float, float]] = {
    "red": (356.0, 1.0, 1.0),
    "orange": (26.0, 1.0, 1.05),
    "yellow": (50.0, 1.0, 1.15),
    "gold": (44.0, 0.9, 1.05),
    "brown": (24.0, 0.7, 0.6),
    "green": (125.0, 0.9, 0.9),
    "blue": (214.0, 1.0, 1.0),
    "purple": (275.0, 0.9, 0.95),
    "pink": (335.0, 0.6, 1.12),
    "white": (None, 0.06, 1.0),
    "grey": (None, 0.06, 0.75),
    "black": (None, 0.10, 1.0),
}
TINTS = tuple(_TINTS)
_REACH = 50.0  # degrees of hue round the chief one that turn with it
_GREY = 0.15  # saturation below which a colour has no hue to speak of


def tinted(drawing: Drawing, colour: str) -> Drawing:
    """A drawing in the colour asked for.

    Raises:
        ValueError: there is no such colour.
    """
    if colour not in _TINTS:
        raise ValueError(f"unknown colour {colour!r}: one of {', '.join(TINTS)}")
    chief = _chief_hue(drawing)
    return drawing.recoloured(lambda colours: _turned(colours, colour, chief))


def _chief_hue(drawing: Drawing) -> float | None:
    """The hue, in degrees, that most coloured ink is near to; None if the drawing is grey."""
    hue, saturation, _ = _hsv(drawing.colours)
    weight = drawing.shares * saturation * (saturation > _GREY)
    if weight.sum() < 0.08:
        return None
    near = np.abs((hue[:, None] - hue[None] + 180) % 360 - 180) < 25
    return float(hue[int((near * weight[None]).sum(axis=1).argmax())])


def _turned(colours: Floats, name: str, chief: float | None) -> Floats:
    hue, saturation, value = _hsv(colours)
    wanted, richness, brightness = _TINTS[name]
    chosen = np.ones_like(hue, dtype=bool)
    if chief is not None:
        chosen = (np.abs((hue - chief + 180) % 360 - 180) < _REACH) & (saturation > 0.12)
    if wanted is None:
        new_value = {"white": 0.80 + 0.20 * value, "black": 0.10 + 0.28 * value}.get(
            name, value * brightness
        )
        turned = (hue, saturation * richness, new_value)
    else:
        if name in ("yellow", "gold"):  # a dark yellow is a brown
            value = 0.55 + 0.45 * value
        rich = np.clip(np.maximum(saturation, 0.5) * richness, 0, 1)
        turned = (np.full_like(hue, wanted), rich, np.clip(value * brightness, 0, 1))
    hsv = np.stack(turned, axis=-1).astype(np.float32)
    rgb = cv2.cvtColor(hsv.reshape(-1, 1, 3), cv2.COLOR_HSV2RGB).reshape(-1, 3)
    return np.where(chosen[:, None], rgb, colours).astype(np.float32)


def _hsv(colours: Floats) -> tuple[Floats, Floats, Floats]:
    """Hue in degrees, saturation and value of (N, 3)."""
    hsv = cv2.cvtColor(np.ascontiguousarray(colours).reshape(-1, 1, 3), cv2.COLOR_RGB2HSV)
    hue, saturation, value = np.asarray(hsv, dtype=np.float32).reshape(-1, 3).T
    return hue, saturation, value
