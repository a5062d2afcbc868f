"""Arithmetic on tones and colours that the styles share.

Pictures are float32 (S, S, 3) in [0, 1], fields float32 (S, S); S pixels are the side. OpenCV does most of
the work: NumPy's broadcasting over a last axis of three is ten times slower.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

# OpenCV's own annotations know no element types: these names tell shapes to readers only.
Array: TypeAlias = NDArray[Any]
Field: TypeAlias = Array
"""float32 (S, S)."""
Picture: TypeAlias = Array
"""float32 (S, S, 3), sRGB in [0, 1]."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""How the eye weighs red, green and blue (Rec. 601)."""


def grey(picture: Array) -> Field:
    """Luma of a picture."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def apart(one: Array, other: Array) -> Field:
    """How far the colours of two pictures are apart: half the sum of their channels' differences."""
    return cv2.transform(cv2.absdiff(one, other), np.full((1, 3), 0.5, np.float32))


def plain(side: int, colour: Array) -> Picture:
    """A picture of one colour, float (3,)."""
    return cv2.merge([np.full((side, side), channel, np.float32) for channel in colour])


def rgb(field: Array) -> Array:
    """A field as a grey picture."""
    return cv2.merge([field, field, field])


def scaled(picture: Array, field: Array) -> Array:
    """Each pixel of a picture times the field: light falling on it, or ink lying over it."""
    return cv2.multiply(picture, rgb(field))


def mix(below: Array, above: Array, weight: Array) -> Array:
    """`above` laid over `below` with the opacity `weight`, a field in [0, 1]."""
    return cv2.blendLinear(below, above, 1 - weight, weight)


def smoothstep(low: float, high: float, field: Array) -> Array:
    """0 below `low`, 1 above `high`, a cubic between; `low` may be the greater."""
    t = np.clip((field - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    return t * t * (3 - 2 * t)


def crispness(side: int) -> float:
    """What makes an edge, soft enough for 512 pixels, as sharp in pixels at any larger side: 1 or less."""
    return min(1.0, 512 / side)


def shrunk(image: Array, side: int) -> Array:
    """An image `side` pixels a side, each the mean of what it replaces."""
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)


def enlarged(image: Array, side: int) -> Array:
    """An image smoothly drawn `side` pixels a side."""
    if len(image) == side:
        return image
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)


def blur(image: Array, sigma: float) -> Array:
    """Gaussian blur; `sigma` in pixels. Wide ones are done on a smaller copy, where they cost less."""
    side = image.shape[0]
    shrink = 1
    while sigma / shrink > 3 and side // shrink > 16:
        shrink *= 2
    reach = (2 * int(2.7 * sigma / shrink + 0.5) + 1,) * 2
    if shrink == 1:
        return cv2.GaussianBlur(image, reach, max(sigma, 1e-3))
    small = shrunk(image, -(-side // shrink))
    small = cv2.GaussianBlur(small, reach, sigma / shrink)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)


def saturated(picture: Array, amount: float) -> Array:
    """Colours `amount` times as far from grey; 1 leaves them."""
    matrix = np.eye(3, dtype=np.float32) * amount + LUMA[None, :] * (1 - amount)
    return cv2.transform(picture, matrix)


def relief(height: Array, strength: float) -> Field:
    """Light on a surface, from the upper left, about 1: a bump map (Blinn 1978).

    Args:
        height: float32 (S, S) in [0, 1].
        strength: how much a slope of one across 1/512 of the side brightens it.
    """
    scale = strength * len(height) / 512 / 8
    across = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=scale, delta=1.0)
    return across + cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=scale)


def clipped(picture: Array) -> Picture:
    """A picture with its values brought into [0, 1]."""
    return np.clip(picture, 0, 1, dtype=np.float32)
