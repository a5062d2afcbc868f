"""What the judge names: one label of each head."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scripts.training.scenes.art import Concept
from scripts.training.scenes.composer import SETTINGS
from scripts.training.scenes.spec import SceneSpec
from songdalle_core.finishing.styles import STYLES
from songdalle_core.moods import MOODS

HEADS = ("subject", "setting", "mood", "style")
NONE = "none"
"""Label of a scene without a subject, a setting or a mood."""
TARGETS = 5
"""Numbers of a scene: subject, other subject, setting, mood, style."""


@dataclass(frozen=True)
class Labels:
    """The labels of each head, in the order of its outputs."""

    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, concepts: Sequence[Concept]) -> Labels:
        """All that the scene library can show."""
        return cls(
            {
                "subject": (*(concept.name for concept in concepts), NONE),
                "setting": (*SETTINGS, NONE),
                "mood": (*MOODS, NONE),
                "style": tuple(STYLES),
            }
        )

    @classmethod
    def read(cls, path: Path) -> Labels:
        """The labels that `write` wrote.

        Raises:
            ValueError: the file does not hold the labels of every head.
        """
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return cls({head: tuple(map(str, raw[head])) for head in HEADS})
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} does not hold the judge's labels: {error!r}") from error

    def write(self, path: Path) -> None:
        """Write a JSON file."""
        text = json.dumps({head: list(self.names[head]) for head in HEADS}, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    @property
    def sizes(self) -> dict[str, int]:
        """How many labels each head has."""
        return {head: len(self.names[head]) for head in HEADS}

    def number(self, head: str, name: str) -> int:
        """The output that stands for a label.

        Raises:
            ValueError: the head has no such label.
        """
        try:
            return self.names[head].index(name)
        except ValueError:
            raise ValueError(f"the judge knows no {head} {name!r}") from None

    def targets(self, spec: SceneSpec) -> npt.NDArray[np.int64]:
        """The right answers of a scene (5,); with one subject the other one is the same."""
        subject = spec.concept.name if spec.concept else NONE
        other = spec.second.name if spec.second else subject
        return np.array(
            [
                self.number("subject", subject),
                self.number("subject", other),
                self.number("setting", spec.setting or NONE),
                self.number("mood", spec.mood or NONE),
                self.number("style", spec.style),
            ]
        )
