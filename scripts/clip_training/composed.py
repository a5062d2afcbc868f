"""The scene library as CLIP's source of scenes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from scripts.clip_training.scenes import Question, Sample
from scripts.scenes.backdrops import INDOORS, OWN_LIGHT, SETTINGS
from scripts.scenes.captions import caption
from scripts.scenes.composer import Composer
from scripts.scenes.lights import LIGHTS
from scripts.scenes.spec import SceneSpec
from scripts.scenes.styles import STYLES
from scripts.scenes.weather import WEATHERS
from songdalle_core.moods import MOODS


class ComposerScenes:
    """The scene library as a `SceneSource`."""

    def __init__(self, art: Path, size: int, sets: tuple[str, ...]) -> None:
        self._composer = Composer(art=art, size=size, sets=sets)
        self._values = {
            "concept": tuple(concept.name for concept in self._composer.concepts),
            "setting": tuple(SETTINGS),
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
        spec = self._composer.spec(seed)
        fields = _fields(spec)
        if not fields[field] or (field == "setting" and spec.weather != "clear"):
            return None
        # captions do not say that the weather is clear
        if field == "weather" and (spec.weather == "clear" or spec.setting in INDOORS):
            return None
        if field == "light" and spec.setting in OWN_LIGHT:  # looks the same in every light
            return None
        if field == "concept" and spec.colour is not None:  # another subject may not have a colour
            return None
        rng = np.random.default_rng([seed, len(field)])
        words = caption(spec, rng, complete=True)
        given: dict[str, str | None] = {key: value or None for key, value in fields.items()}
        given["second"] = spec.second.name if spec.second else None
        given["colour"] = spec.colour
        wrong = [value for value in self._values[field] if value != fields[field]]
        wrong = [value for value in wrong if value != given["second"]]
        rng.shuffle(wrong)
        values = [fields[field], *(wrong[k % len(wrong)] for k in range(choices - 1))]
        images = tuple(
            self._composer.variant(seed + 1000 * k, **{**given, field: value}).image
            for k, value in enumerate(values)
        )
        return Question(words, images)


def _fields(spec: SceneSpec) -> dict[str, str]:
    return {
        "concept": spec.concept.name if spec.concept else "",
        "setting": spec.setting,
        "light": spec.light,
        "weather": spec.weather,
        "mood": spec.mood or "",
        "style": spec.style,
    }
