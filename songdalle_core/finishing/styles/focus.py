"""What of a scene has to stay clear, and the colour of all the rest."""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles.tone import Array, Field, shrunk

_PRESENT = 0.004  # share of the picture that a subject has at least


def focus(scene: Scene) -> Field:
    """Where the eye goes, (S, S) in [0, 1]: the subjects, or else the place, or else everything."""
    for field in (scene.subject, scene.ground):
        if cv2.mean(field)[0] > _PRESENT:
            return field
    return np.ones_like(scene.subject)


def ambience(scene: Scene) -> Array:
    """The mean colour about the subjects, float32 (3,): what a mood is told by."""
    around = (shrunk(scene.subject, 32) < 0.5).astype(np.uint8)
    colour = cv2.mean(shrunk(scene.picture, 32), around if around.any() else None)
    return np.array(colour[:3], np.float32)
