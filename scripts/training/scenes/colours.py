"""Colours that captions name, and subjects painted in them."""

from __future__ import annotations

import numpy as np
from PIL import Image

# hue in degrees, saturation and brightness multipliers; None keeps no hue at all (white, black)
_TINTS: dict[str, tuple[float | None, float, float]] = {
    "red": (356.0, 1.0, 1.0),
    "orange": (26.0, 1.0, 1.05),
    "yellow": (50.0, 1.0, 1.15),
    "green": (125.0, 0.9, 0.9),
    "blue": (214.0, 1.0, 1.0),
    "purple": (275.0, 0.9, 0.95),
    "pink": (335.0, 0.6, 1.12),
    "white": (None, 0.06, 1.0),
    "black": (None, 0.10, 1.0),
}
COLOURS = tuple(_TINTS)
_REACH = 50.0  # degrees of hue round the chief one that change with it


def tinted(sprite: Image.Image, colour: str, every_hue: bool = False) -> Image.Image:
    """An RGBA picture with its chief hue turned into `colour`; shading and other hues stay.

    Args:
        sprite: RGBA.
        colour: one of `COLOURS`.
        every_hue: change all hues, and greys too.
    """
    hue, saturation, brightness = _TINTS[colour]
    hsv = np.asarray(sprite.convert("RGB").convert("HSV")).astype(np.float32)
    alpha = np.asarray(sprite.getchannel("A"))
    h, s, v = hsv[..., 0] * (360 / 255), hsv[..., 1] / 255, hsv[..., 2] / 255
    chosen = np.ones_like(h, dtype=bool) if every_hue else _chief(h, s, alpha)
    if hue is None:
        new_s = s * saturation
        new_v = 0.80 + 0.20 * v if colour == "white" else 0.10 + 0.28 * v
        new_h = h
    else:
        floor = 0.75 if every_hue else 0.5
        new_s = np.clip(np.maximum(s, floor) * saturation, 0, 1)
        if colour == "yellow":  # a dark yellow is a brown
            v = 0.55 + 0.45 * v
        new_v, new_h = np.clip(v * brightness, 0, 1), np.full_like(h, hue)
    hsv[..., 0] = np.where(chosen, new_h * (255 / 360), hsv[..., 0])
    hsv[..., 1] = np.where(chosen, new_s * 255, hsv[..., 1])
    hsv[..., 2] = np.where(chosen, new_v * 255, hsv[..., 2])
    out = Image.fromarray(np.rint(hsv).astype(np.uint8), "HSV").convert("RGB")
    out.putalpha(sprite.getchannel("A"))
    return out


def _chief(hue: np.ndarray, saturation: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Where the picture has the hue most of its coloured ink has; everywhere if it is grey."""
    weight = saturation * (alpha > 128) * (saturation > 0.15)
    if weight.sum() < 0.08 * (alpha > 128).sum():
        return np.ones_like(hue, dtype=bool)
    counts = np.bincount((hue / 10).astype(int).ravel() % 36, weight.ravel(), minlength=36)
    smooth = counts + np.roll(counts, 1) + np.roll(counts, -1)
    centre = 10.0 * int(smooth.argmax()) + 5.0
    distance = np.abs((hue - centre + 180.0) % 360.0 - 180.0)
    return np.asarray((distance < _REACH) & (saturation > 0.12))
