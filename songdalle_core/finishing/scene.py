"""A composed picture with what a style needs to know about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass
class Scene:
    """What a style paints.

    Attributes:
        picture: (S, S, 3) in [0, 1], sRGB: composed, lit, weathered and graded; crisp.
        subject: (S, S): coverage by subjects.
        ground: (S, S): coverage by the ground.
        depth: (S, S): 0 near to 1 far (the sky).
        palette: (3..5, 3): the picture's colours, dark to light.
        mood: the mood it was graded for.
        side: S, in pixels.
    """

    picture: Floats
    subject: Floats
    ground: Floats
    depth: Floats
    palette: Floats
    mood: str | None
    side: int
