"""The picture while it is painted, with the maps that tell a style what is where."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.enlarging import Box, Sprite
from songdalle_core.finishing.scene import Floats

# The C library gives freed memory back to the system and fetches it anew, page by page, for the next plane:
# a third of a cover's time. It stops doing so for blocks smaller than the largest it has ever been given back
# (mallopt(3), "dynamic mmap threshold", 32 MB at most).
np.empty(24 << 20, np.uint8)


class Canvas:
    """Planes of a picture of `side` pixels: colours (3, S, S), and subject, ground and depth (S, S)."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.whole = Box(0, 0, side, side)
        self.colours: Floats = np.zeros((3, side, side), dtype=np.float32)
        self.subject: Floats = np.zeros((side, side), dtype=np.float32)
        self.ground: Floats = np.zeros((side, side), dtype=np.float32)
        self.depth: Floats = np.ones((side, side), dtype=np.float32)

    def lay(
        self, paint: npt.ArrayLike, mask: Floats, box: Box | None = None, share: float = 1.0
    ) -> None:
        """Paint over a box: a colour (3,), or planes (3, h, w), as far as the mask (h, w) covers."""
        rows, columns = (box or self.whole).slices
        cover = mask if share == 1.0 else mask * np.float32(share)
        for plane, value in zip(self.colours, np.asarray(paint, dtype=np.float32), strict=True):
            view = plane[rows, columns]
            difference = value - view
            difference *= cover
            view += difference

    def shine(self, colour: npt.ArrayLike, mask: Floats, box: Box | None = None) -> None:
        """Add light as far as the mask says ("screen": what is bright gains less)."""
        rows, columns = (box or self.whole).slices
        for plane, value in zip(self.colours, np.asarray(colour, dtype=np.float32), strict=True):
            view = plane[rows, columns]
            gain = 1 - view
            gain *= mask
            gain *= value
            view += gain

    def darken(self, shadow: npt.ArrayLike, mask: Floats, box: Box | None = None) -> None:
        """Multiply by a shadow's colour as far as the mask says."""
        rows, columns = (box or self.whole).slices
        for plane, value in zip(self.colours, np.asarray(shadow, dtype=np.float32), strict=True):
            view = plane[rows, columns]
            view *= 1 - mask * (1 - value)

    def add_subject(self, sprite: Sprite, depth: float = 0.1) -> None:
        """Paint a subject, and note where it is."""
        self.lay(sprite.colours, sprite.ink, sprite.box)
        rows, columns = sprite.box.slices
        np.maximum(self.subject[rows, columns], sprite.ink, out=self.subject[rows, columns])
        self.ground[rows, columns] *= 1 - sprite.ink
        view = self.depth[rows, columns]
        view += sprite.ink * (depth - view)

    def add_ground(self, sprite: Sprite, depth: Floats) -> None:
        """Paint a ground, and note where it is and how far, (h, w) or (h, 1)."""
        self.lay(sprite.colours, sprite.ink, sprite.box)
        rows, columns = sprite.box.slices
        np.maximum(self.ground[rows, columns], sprite.ink, out=self.ground[rows, columns])
        view = self.depth[rows, columns]
        view += sprite.ink * (depth - view)
