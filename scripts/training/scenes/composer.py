"""Scenes: covers as the service makes them, with captions, each given by a seed.

The layers are the art itself, or what an RQ-VAE made of it; the finish puts them together and paints them. So a
reranker or a judge that is trained on scenes has seen what it will be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from scripts.training.caption_vocabulary import LETTERED, stances
from scripts.training.content import grounds
from scripts.training.content.layers import ART_SETS, SIDE, premultiplied
from scripts.training.scenes.art import DEFAULT_SETS, Concept, Sprites, load_concepts
from scripts.training.scenes.captions import caption
from scripts.training.scenes.phrases import PLACES
from scripts.training.scenes.spec import SceneSpec
from songdalle_core.captions.layers import ground_caption, subject_caption
from songdalle_core.captions.plan import ABSTRACT, BARE
from songdalle_core.covers import straight
from songdalle_core.finishing.content import Content, GroundLayer, SubjectLayer
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.drawing import keep_drawings
from songdalle_core.finishing.finish import finish
from songdalle_core.finishing.lights import LIGHTS
from songdalle_core.finishing.styles import STYLES
from songdalle_core.finishing.tint import TINTS
from songdalle_core.finishing.weather import WEATHERS
from songdalle_core.moods import MOODS

_T = TypeVar("_T")
COLOURS = TINTS
SETTINGS = tuple(PLACES)
INDOORS = tuple(place for place in SETTINGS if grounds.facts(place, 0).indoors)
OWN_LIGHT = (*INDOORS, "space", "underwater")
"""Settings that look much the same in every light."""
LAYER_SIDE = 128
"""Pixels of a layer: enough for a scene, a quarter of the time."""
_WEATHER_ODDS = (0.58, 0.12, 0.10, 0.05, 0.05, 0.04, 0.06)
_LIGHT_ODDS = (0.12, 0.24, 0.12, 0.11, 0.17, 0.10, 0.07, 0.07)
_FAVOURITE = 0.34  # share of the default style, painting; the others have the rest in equal parts
_EMPTY_ODDS, _SECOND_ODDS, _COLOUR_ODDS, _MOOD_ODDS, _BARE_ODDS = 0.06, 0.10, 0.20, 0.60, 0.22


@dataclass(frozen=True)
class Scene:
    """A picture, uint8 (S, S, 3), with its caption and what it shows."""

    image: np.ndarray
    caption: str
    spec: SceneSpec


class Composer:
    """Makes scenes `size` pixels square from the art sets in a folder.

    Args:
        drawn: layers by caption, uint8 (R, R, 4) premultiplied, as a generator draws them: before the art.

    Raises:
        ArtError: a set is missing or lacks the icon of a concept.
        ValueError: the size is too small for a cover.
    """

    def __init__(
        self,
        art: Path,
        size: int = 128,
        sets: Sequence[str] = DEFAULT_SETS,
        concepts: Sequence[Concept] | None = None,
        drawn: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        if size < 32:
            raise ValueError(f"scenes are at least 32 pixels square, not {size}")
        self.size = size
        self.concepts = list(concepts or load_concepts())
        self.sprites = Sprites(self.concepts, art, tuple(sets))
        self._drawn = drawn or {}
        self._hands = {art_set: hand for hand, art_set in ART_SETS.items()}
        self._stances = stances()
        self._layers: dict[str, np.ndarray] = {}
        self._by_name = {concept.name: concept for concept in self.concepts}
        weights = np.array([concept.weight for concept in self.concepts])
        self._odds = np.cumsum(weights / weights.sum())
        keep_drawings(4 * len(self.concepts) + 4 * len(SETTINGS))

    def scene(self, seed: int) -> Scene:
        """The scene of a seed: every part drawn at random."""
        return self._render(self.spec(seed), seed)

    def caption(self, seed: int) -> str:
        """The caption of a seed's scene, without painting it."""
        return caption(self.spec(seed), np.random.default_rng((seed, 2)))

    def variant(self, seed: int, **changes: str | None) -> Scene:
        """The scene of a seed with parts of its spec replaced (`concept` and `second` by name).

        Raises:
            ValueError: a spec has no such part.
        """
        spec = self.spec(seed)
        parts: dict[str, object] = {field.name: getattr(spec, field.name) for field in fields(spec)}
        for key, value in changes.items():
            if key not in parts:
                raise ValueError(f"a scene has no {key!r}: choose from {', '.join(parts)}")
            named = key in ("concept", "second") and value is not None
            parts[key] = self._by_name[str(value)] if named else value
        concept = parts["concept"]
        if "colour" not in changes and not (isinstance(concept, Concept) and concept.tint):
            parts["colour"] = None  # the new subject keeps its own colours
        return self._render(SceneSpec(**parts), seed)  # type: ignore[arg-type]

    def spec(self, seed: int) -> SceneSpec:
        """What a seed's scene shows."""
        draws = np.random.default_rng((seed, 0)).random(13)
        concept, second = self._concept(draws[0]), self._concept(draws[1])
        weather = _chosen(tuple(WEATHERS), _WEATHER_ODDS, draws[3])
        empty = bool(draws[4] < _EMPTY_ODDS)
        bare = not empty and draws[12] < _BARE_ODDS
        pair = not empty and draws[5] < _SECOND_ODDS and second is not concept
        coloured = not empty and concept.tint and draws[6] < _COLOUR_ODDS
        setting = None if bare else SETTINGS[int(draws[2] * len(SETTINGS))]
        light = _chosen(tuple(LIGHTS), _LIGHT_ODDS, draws[7])
        return SceneSpec(
            concept=None if empty else concept,
            second=second if pair else None,
            setting=setting,
            light=None if setting is None or setting in OWN_LIGHT else light,
            weather="clear" if setting is None or setting in INDOORS else weather,
            mood=MOODS[int(draws[9] * len(MOODS))] if draws[8] < _MOOD_ODDS else None,
            style=_style(draws[10]),
            colour=COLOURS[int(draws[11] * len(COLOURS))] if coloured else None,
        )

    def content(self, spec: SceneSpec, rng: np.random.Generator) -> Content:
        """The layers of a spec, the hand of each and the drawing of the place by chance."""
        draws = rng.random(4)
        subjects = tuple(
            self._subject(concept, draw, spec.colour if concept is spec.concept else None)
            for concept, draw in zip((spec.concept, spec.second), draws, strict=False)
            if concept is not None
        )
        place = spec.setting
        if place is None:
            if draws[2] < BARE:
                return Content(subjects)
            shapes = ABSTRACT.get(spec.mood, ABSTRACT[None])
            place = shapes[int(draws[3] * len(shapes))]
        variant = int(draws[2] * grounds.VARIANTS[place])
        pixels = self._layer(ground_caption(place, variant), lambda: _ground(place, variant))
        return Content(subjects, GroundLayer(pixels, place, variant))

    def _subject(self, concept: Concept, draw: float, colour: str | None) -> SubjectLayer:
        sets = self.sprites.sets(concept)
        art = sets[int(draw * len(sets))]
        name = subject_caption(concept.name, self._hands.get(art, art))
        pixels = self._layer(name, lambda: _square(self.sprites, art, concept))
        return SubjectLayer(
            pixels, self._stances[concept.name], colour, concept.name not in LETTERED
        )

    def _layer(self, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Straight alpha, uint8 (LAYER_SIDE, LAYER_SIDE, 4)."""
        if name not in self._layers:
            pixels = self._drawn[name] if name in self._drawn else make()
            small = cv2.resize(pixels, (LAYER_SIDE, LAYER_SIDE), interpolation=cv2.INTER_AREA)
            self._layers[name] = straight(np.asarray(small, dtype=np.uint8))
        return self._layers[name]

    def _concept(self, draw: float) -> Concept:
        index = int(np.searchsorted(self._odds, draw, side="right"))
        return self.concepts[min(index, len(self.concepts) - 1)]

    def _render(self, spec: SceneSpec, seed: int) -> Scene:
        content = self.content(spec, np.random.default_rng((seed, 1)))
        direction = Direction(spec.style, spec.mood, spec.light, spec.weather)
        pixels = finish(content, direction, seed, self.size)
        return Scene(pixels, caption(spec, np.random.default_rng((seed, 2))), spec)


@lru_cache(maxsize=1)
def _styles() -> tuple[str, ...]:
    return ("painting", *(style for style in STYLES if style != "painting"))


def _style(draw: float) -> str:
    styles = _styles()
    others = (1 - _FAVOURITE) / (len(styles) - 1)
    return _chosen(styles, (_FAVOURITE, *[others] * (len(styles) - 1)), draw)


def _ground(place: str, variant: int) -> np.ndarray:
    return premultiplied(grounds.render(place, variant, SIDE))


def _square(sprites: Sprites, art: str, concept: Concept) -> np.ndarray:
    return premultiplied(sprites.square(art, concept, SIDE))


def _chosen(options: Sequence[_T], odds: Sequence[float], draw: float) -> _T:
    """The option in whose share of [0, 1) the draw falls."""
    total = 0.0
    for option, share in zip(options, odds, strict=True):
        total += share
        if draw < total:
            return option
    return options[-1]
