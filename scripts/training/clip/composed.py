"""The scene library as CLIP's source of scenes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from scripts.training.clip.scenes import Question, Sample
from scripts.training.scenes.backdrops import INDOORS, OWN_LIGHT, SETTINGS
from scripts.training.scenes.captions import caption
from scripts.training.scenes.composer import Composer, Scene
from scripts.training.scenes.lights import LIGHTS
from scripts.training.scenes.spec import SceneSpec
from scripts.training.scenes.styles import STYLES
from scripts.training.scenes.weather import WEATHERS
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
        if not fields[field] or (field == "setting" and spec.weather != "clear"):
            return None
        # captions do not say that the weather is clear
        if field == "weather" and (spec.weather == "clear" or spec.setting in INDOORS):
            return None
        if field == "light" and spec.setting in OWN_LIGHT:  # looks the same in every light
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
            self._composer.variant(seed + 1000 * k, **{**given, field: value})
            for k, value in enumerate(values)
        ]


def _fields(spec: SceneSpec) -> dict[str, str]:
    return {
        "concept": spec.concept.name if spec.concept else "",
        "setting": spec.setting,
        "light": spec.light,
        "weather": spec.weather,
        "mood": spec.mood or "",
        "style": spec.style,
    }
