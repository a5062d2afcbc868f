"""Scenes as CLIP needs them: a picture, a caption, and what the picture shows, by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Sample:
    """One scene: uint8 (S, S, 3), caption, and the value of each field, "" for none."""

    image: npt.NDArray[np.uint8]
    caption: str
    fields: Mapping[str, str]


class SceneSource(Protocol):
    """Endless scenes, each wholly given by its seed."""

    @property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """The values each field can take."""

    def sample(self, seed: int) -> Sample:
        """The scene of a seed."""

    def question(self, seed: int, field: str, choices: int) -> Question | None:
        """A caption naming everything, and pictures of which only the first fits in `field`.

        None if the scene of this seed cannot be asked about the field.
        """

    def family(self, seed: int, field: str, members: int) -> list[Sample] | None:
        """Scenes alike but for `field` and the layout, each with a caption naming everything.

        None under the conditions of `question`.
        """


@dataclass(frozen=True)
class Question:
    """Which of these (the first) does the caption describe?"""

    caption: str
    images: tuple[npt.NDArray[np.uint8], ...]
