"""Styles that paint a `Scene`, one a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles.album_art import album_art
from songdalle_core.finishing.styles.collage import collage
from songdalle_core.finishing.styles.lino_cut import lino_cut
from songdalle_core.finishing.styles.neon import neon
from songdalle_core.finishing.styles.painting import painting
from songdalle_core.finishing.styles.pencil_sketch import pencil_sketch
from songdalle_core.finishing.styles.photograph import photograph
from songdalle_core.finishing.styles.picture import picture
from songdalle_core.finishing.styles.pixel_art import pixel_art
from songdalle_core.finishing.styles.poster import poster
from songdalle_core.finishing.styles.risograph import risograph
from songdalle_core.finishing.styles.tone import Picture
from songdalle_core.finishing.styles.watercolour import watercolour

Style: TypeAlias = Callable[[Scene, np.random.Generator], Picture]
"""Paints a scene; all that is random comes from the generator."""

STYLES: dict[str, Style] = {
    "picture": picture,
    "painting": painting,
    "watercolour": watercolour,
    "pencil sketch": pencil_sketch,
    "poster": poster,
    "album art": album_art,
    "pixel art": pixel_art,
    "lino cut": lino_cut,
    "risograph": risograph,
    "neon": neon,
    "collage": collage,
    "photograph": photograph,
}
