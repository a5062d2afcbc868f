"""Outlines: where subjects end, and the lines within them."""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles.tone import Field, Picture, blur, crispness, grey, smoothstep


def contour(scene: Scene, width: float) -> Field:
    """A line along the border of subjects, rather outside than inside, `width` sides wide, in [0, 1]."""
    sigma = width * scene.side * 0.6
    soft = blur(scene.subject, sigma)
    pixel = min(0.35 / sigma, 0.14)  # what a blurred edge changes from pixel to pixel, about
    return smoothstep(0.16 - pixel, 0.16 + pixel, soft) * smoothstep(0.7 + pixel, 0.7 - pixel, soft)


def creases(scene: Scene, width: float, threshold: float = 0.024) -> Field:
    """Lines where the picture is darker than about it, in [0, 1]: a difference of Gaussians.

    After Winnemoeller, "XDoG" (NPAR 2011), with the sharpening left out. `width` is in sides.
    """
    sigma = width * scene.side / 2
    tone = grey(scene.picture)
    below = blur(tone, sigma * 1.6) - blur(tone, sigma)
    soft = 0.5 * threshold * crispness(scene.side)
    return smoothstep(threshold - soft, threshold + soft, below)


def edges(soft: Picture, width: float) -> Field:
    """How strongly colours change, in [0, 1], in a picture blurred by half of `width` sides."""
    gx, gy = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    steep = np.sqrt(
        gx * gx + gy * gy
    )  # cv2.magnitude's last bit depends on where in memory it works
    strength = cv2.transform(steep, np.full((1, 3), 0.55, np.float32)) * (len(soft) * width / 4)
    return smoothstep(0.12, 0.4, strength)
