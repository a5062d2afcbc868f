"""What a cover shows: drawn layers, before any light, composition or style."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

STANCES = ("stands", "floats", "swims", "emblem")
_SMALLEST = 16  # pixels a side


@dataclass(frozen=True)
class SubjectLayer:
    """One subject, cut out.

    Attributes:
        pixels: uint8 (R, R, 4), straight alpha; the ink touches the square's edges on its longer side.
        stance: "stands" (rests on the ground: cat, house), "floats" (in the air: moon, bird),
            "swims" (in or on water: ship, whale) or "emblem" (a symbol without a floor: heart, key).
        colour: the colour asked for ("blue"): the layer's chief hue is turned, its shading kept.
        mirrors: whether its mirror image is as good.
    """

    pixels: npt.NDArray[np.uint8]
    stance: str = "stands"
    colour: str | None = None
    mirrors: bool = True


@dataclass(frozen=True)
class GroundLayer:
    """The place.

    Attributes:
        pixels: uint8 (R, R, 4): flat art in neutral daylight colours, its sky transparent.
        place: "shore", "city", "room"...; abstract ones: "waves", "circles", "rays", "fields"...
        variant: which drawing of the place.
    """

    pixels: npt.NDArray[np.uint8]
    place: str
    variant: int = 0


@dataclass(frozen=True)
class Content:
    """All that a cover shows: up to two subjects and a ground."""

    subjects: tuple[SubjectLayer, ...] = ()
    ground: GroundLayer | None = None

    def check(self) -> None:
        """Raise ValueError, naming what is wrong, unless every layer can be painted."""
        if len(self.subjects) > 2:
            raise ValueError(f"a cover shows at most two subjects, not {len(self.subjects)}")
        for subject in self.subjects:
            _check_layer(subject.pixels, "subject")
            if subject.stance not in STANCES:
                raise ValueError(f"unknown stance {subject.stance!r}: one of {', '.join(STANCES)}")
        if self.ground is not None:
            _check_layer(self.ground.pixels, "ground")


def _check_layer(pixels: npt.NDArray[np.uint8], name: str) -> None:
    square = pixels.ndim == 3 and pixels.shape[0] == pixels.shape[1] and pixels.shape[2] == 4
    if pixels.dtype != np.uint8 or not square or pixels.shape[0] < _SMALLEST:
        raise ValueError(
            f"a {name} layer is uint8 (R, R, 4) with R >= {_SMALLEST}, "
            f"not {pixels.dtype} {pixels.shape}"
        )
