"""Scenes from a seed: the same seed gives the same picture and caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from scripts.scenes.art import Concept, Sprites, as_array, load_concepts
from scripts.scenes.backdrops import INDOORS, LIGHTS, SETTINGS, WEATHERS, fall, grade, sky
from scripts.scenes.captions import Subject, caption
from songdalle_core.moods import MOODS, Mood

_WEATHER_ODDS = (0.76, 0.12, 0.12)
_STEP = 8  # pixels of 128: subjects sit on a coarse grid so that like scenes share codes


@dataclass(frozen=True)
class SceneSpec:
    """What a scene shows; None of it depends on the picture's size."""

    concept: Concept
    second: Concept | None
    setting: str
    light: str
    weather: str
    mood: Mood | None


@dataclass(frozen=True)
class Scene:
    """A picture, uint8 (S, S, 3), with its caption and what it shows."""

    image: np.ndarray
    caption: str
    spec: SceneSpec


class Composer:
    """Draws scenes `size` pixels square from the art sets in a folder."""

    def __init__(
        self,
        art: Path,
        size: int = 128,
        sets: Sequence[str] = ("fluent-emoji-flat",),
        concepts: Sequence[Concept] | None = None,
    ) -> None:
        self.size = size
        self.concepts = list(concepts or load_concepts())
        self.sprites = Sprites(self.concepts, art, tuple(sets))
        self._by_name = {concept.name: concept for concept in self.concepts}

    def scene(self, seed: int) -> Scene:
        """The scene of a seed: every part drawn at random."""
        return self._render(self.spec(seed), seed)

    def caption(self, seed: int) -> str:
        """The caption of a seed's scene, without painting it."""
        return self._caption(self.spec(seed), seed)

    def variant(self, seed: int, **changes: str | None) -> Scene:
        """The scene of a seed with parts of its spec replaced (`concept` and `second` by name).

        Raises:
            ValueError: a spec has no such part.
        """
        fields: dict[str, object] = dict(self.spec(seed).__dict__)
        for key, value in changes.items():
            if key not in fields:
                raise ValueError(f"a scene has no {key!r}: choose from {', '.join(fields)}")
            named = key in ("concept", "second") and value is not None
            fields[key] = self._by_name[str(value)] if named else value
        return self._render(SceneSpec(**fields), seed)  # type: ignore[arg-type]

    def spec(self, seed: int) -> SceneSpec:
        """What a seed's scene shows."""
        rng = np.random.default_rng((seed, 0))
        concept = self.concepts[int(rng.integers(len(self.concepts)))]
        second = self.concepts[int(rng.integers(len(self.concepts)))]
        setting = list(SETTINGS)[int(rng.integers(len(SETTINGS)))]
        weather = WEATHERS[int(rng.choice(3, p=_WEATHER_ODDS))]
        return SceneSpec(
            concept=concept,
            second=second if rng.random() < 0.12 and second is not concept else None,
            setting=setting,
            light=list(LIGHTS)[int(rng.integers(len(LIGHTS)))],
            weather="clear" if setting in INDOORS else weather,
            mood=MOODS[int(rng.integers(len(MOODS)))] if rng.random() < 0.6 else None,
        )

    def _render(self, spec: SceneSpec, seed: int) -> Scene:
        pixels = self._paint(spec, np.random.default_rng((seed, 1)))
        return Scene(pixels, self._caption(spec, seed), spec)

    def _caption(self, spec: SceneSpec, seed: int) -> str:
        """Words for a spec; each part is left unsaid now and then."""
        rng = np.random.default_rng((seed, 2))
        setting = spec.setting if rng.random() < 0.7 else None
        light = spec.light if rng.random() < (0.7 if spec.light != "day" else 0.3) else None
        weather = spec.weather if rng.random() < 0.85 else None
        subject = Subject(spec.concept, spec.second)
        return caption(subject, setting, light, weather, spec.mood, rng)

    def _paint(self, spec: SceneSpec, rng: np.random.Generator) -> np.ndarray:
        size = self.size
        image = sky(spec.light, size, rng)
        SETTINGS[spec.setting](ImageDraw.Draw(image), size, rng, LIGHTS[spec.light][2])
        if spec.second is not None:
            self._place(image, spec.second, 0.30, self._corner(rng), rng)
        scale = (0.62, 0.72)[int(rng.integers(2))]
        dx, dy = rng.integers(-1, 2), rng.integers(-1, 1)
        centre = (0.5 + dx * _STEP / 128, 0.52 + dy * _STEP / 128)
        self._place(image, spec.concept, scale, centre, rng)
        image = fall(image, spec.weather, rng)
        pixels = as_array(image)
        return grade(pixels, spec.mood) if spec.mood else pixels

    def _corner(self, rng: np.random.Generator) -> tuple[float, float]:
        return (0.18, 0.82)[int(rng.integers(2))], (0.18, 0.84)[int(rng.integers(2))]

    def _place(
        self,
        image: Image.Image,
        concept: Concept,
        scale: float,
        centre: tuple[float, float],
        rng: np.random.Generator,
    ) -> None:
        """Paste a subject with a soft dark edge that lifts it off the background."""
        art = self.sprites.sets[int(rng.integers(len(self.sprites.sets)))]
        sprite = self.sprites.get(art, concept.name, round(scale * self.size))
        corner = (
            round(centre[0] * self.size - sprite.width / 2),
            round(centre[1] * self.size - sprite.height / 2),
        )
        alpha = sprite.getchannel("A")
        halo = alpha.point(lambda a: a // 3).filter(ImageFilter.BoxBlur(max(1, self.size // 64)))
        shadow = Image.new("RGB", sprite.size, (10, 10, 30))
        image.paste(shadow, (corner[0], corner[1] + self.size // 64), halo)
        image.paste(sprite, corner, alpha)
