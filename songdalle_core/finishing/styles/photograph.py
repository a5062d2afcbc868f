"""Photograph: colour negative film of the 1970s through a fast lens.

A shallow depth of field; halation, the red glow of highlights that light reflected off the film's base
makes; the characteristic curve with lifted blacks, cool shadows and warm lights; silver grain, strongest in
the mid tones.
"""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles.focus import focus
from songdalle_core.finishing.styles.noise import cut, noise, spread
from songdalle_core.finishing.styles.tone import (
    Array,
    Field,
    Picture,
    blur,
    clipped,
    enlarged,
    grey,
    mix,
    rgb,
    smoothstep,
)

_HALATION = np.array([1.0, 0.42, 0.16], np.float32)


def photograph(scene: Scene, rng: np.random.Generator) -> Picture:
    """Photograph a scene: float32 (S, S, 3)."""
    side = scene.side
    image = _focused(scene)
    image = _with_halation(image)
    image = _developed(image)
    tone = grey(image)
    grain = spread(cut(noise(side, 380, 3, seed=61), side, rng), 0.0, 0.034)
    image = image + rgb(grain * (0.35 + 2.6 * tone * (1 - tone)))
    return clipped(cv2.multiply(image, rgb(_falloff(side))))


def _focused(scene: Scene) -> Picture:
    """Sharp at the subject, ever softer behind it and in the very foreground."""
    side = scene.side
    lens = blur(scene.picture, side / 900)
    weight = blur(scene.subject, side / 60)
    # The blurred subject must not spread over its surroundings: take it out of what is blurred.
    behind = cv2.multiply(scene.picture, rgb(1 - scene.subject * 0.9))
    cover = blur(1 - scene.subject * 0.9, side / 64)
    soft = cv2.divide(blur(behind, side / 64), rgb(cover))
    far = np.maximum(smoothstep(0.3, 0.9, scene.depth), 0.25 * weight) * (1 - focus(scene))
    return mix(lens, soft, far)


def _with_halation(image: Picture) -> Picture:
    """The image with a red glow about its lights."""
    lights = blur(smoothstep(0.62, 1.0, grey(image)), image.shape[0] / 45)
    glow = cv2.merge([lights * (0.26 * channel) for channel in _HALATION])
    return image + glow - cv2.multiply(image, glow)


def _developed(image: Picture) -> Picture:
    """The image after the film's curve: contrast, then blacks and whites of each channel's own."""
    contrast = image * image * (3 - 2 * image)
    image = cv2.addWeighted(image, 0.55, contrast, 0.45, 0)
    black, white = np.array([0.045, 0.055, 0.075]), np.array([0.985, 0.955, 0.90])
    matrix = np.hstack([np.diag(white - black), black[:, None]]).astype(np.float32)
    return cv2.transform(image, matrix)


def _falloff(side: int) -> Field:
    """Less light reaches the corners."""
    steps = (np.arange(96, dtype=np.float32) + 0.5) / 48 - 1
    radius = steps[None, :] ** 2 + steps[:, None] ** 2
    field: Array = (1.04 - 0.15 * radius - 0.02 * radius**2).astype(np.float32)
    return enlarged(field, side)
