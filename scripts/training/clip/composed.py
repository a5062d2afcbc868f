"""The scene library as CLIP's source of scenes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from scripts.training.clip.scenes import Question, Sample
from scripts.training.scenes.art import DEFAULT_SETS
from scripts.training.scenes.captions import caption
from scripts.training.scenes.composer import OWN_LIGHT, SETTINGS, Composer, Scene
from scripts.training.scenes.spec import SceneSpec
from songdalle_core.finishing.lights import LIGHTS
from songdalle_core.finishing.styles import STYLES
from songdalle_core.finishing.weather import WEATHERS
from songdalle_core.moods import MOODS

SCENE_SIZE = 128
"""Pixels of a composed scene; the model resizes it, as it does a cover when ranking."""


class ComposerScenes:
    """The scene library as a `SceneSource`; `drawn` are layers that go before the art, see `Composer`."""

    def __init__(
        self,
        art: Path,
        sets: tuple[str, ...] = DEFAULT_SETS,
        drawn: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self._composer = Composer(art, SCENE_SIZE, sets, drawn=drawn)
        self._values = {
            "concept": tuple(concept.name for concept in self._composer.concepts),
            "setting": SETTINGS,
            "light": tuple(LIGHTS),
            "weather": tuple(WEATHERS),
            "mood": tuple(MOODS),
            "style": tuple(STYLES),
        }

    @property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """See `SceneSource`."""
        return self._values

    def sample(self, seed: int) -> Sample:
        """See `SceneSource`."""
        scene = self._composer.scene(seed)
        return Sample(scene.image, scene.caption, _fields(scene.spec))

    def question(self, seed: int, field: str, choices: int) -> Question | None:
        """Twelve candidates as the service has them: same prompt, other layout, one thing wrong."""
        rng = np.random.default_rng([seed, len(field)])
        words = caption(self._composer.spec(seed), rng, complete=True)
        scenes = self._variants(seed, field, choices, rng)
        if scenes is None:
            return None
        return Question(words, tuple(scene.image for scene in scenes))

    def family(self, seed: int, field: str, members: int) -> list[Sample] | None:
        """See `SceneSource`; no value comes twice, so a field with few values makes few members."""
        rng = np.random.default_rng([seed, len(field)])
        scenes = self._variants(seed, field, min(members, len(self._values[field])), rng)
        if scenes is None:
            return None
        return [
            Sample(scene.image, caption(scene.spec, rng, complete=True), _fields(scene.spec))
            for scene in scenes
        ]

    def _variants(
        self, seed: int, field: str, count: int, rng: np.random.Generator
    ) -> list[Scene] | None:
        """Scenes of which the first is as the seed says and the others have another `field`."""
        spec = self._composer.spec(seed)
        fields = _fields(spec)
        # there is none, or it cannot be told: no place, a light of its own
        if not fields[field]:
            return None
        if field == "setting" and spec.weather not in ("clear", None):  # no rain in a room
            return None
        if field == "weather" and spec.weather == "clear":  # which captions do not say
            return None
        if field == "concept" and spec.colour is not None:  # another subject may not have a colour
            return None
        given: dict[str, str | None] = {key: value or None for key, value in fields.items()}
        given["second"] = spec.second.name if spec.second else None
        given["colour"] = spec.colour
        wrong = [value for value in self._values[field] if value != fields[field]]
        wrong = [value for value in wrong if value != given["second"]]
        rng.shuffle(wrong)
        values = [fields[field], *(wrong[k % len(wrong)] for k in range(count - 1))]
        return [
            self._composer.variant(seed + 1000 * k, **_changed(given, field, value))
            for k, value in enumerate(values)
        ]


def _changed(given: Mapping[str, str | None], field: str, value: str) -> dict[str, str | None]:
    """The parts of a scene with another value of a field."""
    changes = {**given, field: value}
    if field == "setting" and value in OWN_LIGHT:
        changes["light"] = None
    return changes


def _fields(spec: SceneSpec) -> dict[str, str]:
    return {
        "concept": spec.concept.name if spec.concept else "",
        "setting": spec.setting or "",
        "light": spec.light or "",
        "weather": spec.weather or "",
        "mood": spec.mood or "",
        "style": spec.style,
    }
