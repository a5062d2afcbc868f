"""Scenes from a seed: the same seed gives the same picture and caption, in any process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from scripts.training.scenes.art import DEFAULT_SETS, Concept, Sprite, Sprites, load_concepts
from scripts.training.scenes.backdrops import INDOORS, LAYOUTS, OWN_LIGHT, SETTINGS, backdrop
from scripts.training.scenes.captions import caption
from scripts.training.scenes.colours import COLOURS
from scripts.training.scenes.grades import adorn, palette
from scripts.training.scenes.lights import LIGHTS, RGB
from scripts.training.scenes.spec import SceneSpec
from scripts.training.scenes.styles import STYLES, apply_style
from scripts.training.scenes.weather import WEATHERS, fall
from songdalle_core.moods import MOODS

_T = TypeVar("_T")
CELL = 16
"""128ths of the side that one code of the image model sees; subjects keep to this grid."""
_WEATHER_ODDS = (0.58, 0.12, 0.10, 0.05, 0.05, 0.04, 0.06)
_LIGHT_ODDS = (0.12, 0.24, 0.12, 0.11, 0.17, 0.10, 0.07, 0.07)
_STYLE_ODDS = (0.46, 0.11, 0.14, 0.10, 0.07, 0.06, 0.06)
_FIRST_SET_ODDS = 0.85  # of the first art set; the others share the rest
_EMPTY_ODDS, _SECOND_ODDS, _COLOUR_ODDS, _MOOD_ODDS = 0.06, 0.10, 0.30, 0.60
# size and top left corner of a single subject, in cells, and how often
_PLACES = ((6, 1, 1), (6, 1, 2), (7, 1, 1), (5, 2, 2), (6, 0, 1), (6, 2, 1), (7, 0, 0), (5, 1, 2))
_PLACE_ODDS = (0.48, 0.12, 0.14, 0.10, 0.04, 0.04, 0.04, 0.04)
_PAIR = (4, 0, 2), (4, 4, 2)


@dataclass(frozen=True)
class Scene:
    """A picture, uint8 (S, S, 3), with its caption and what it shows."""

    image: np.ndarray
    caption: str
    spec: SceneSpec


class Composer:
    """Draws scenes `size` pixels square (a multiple of 32) from the art sets in a folder.

    Raises:
        ArtError: a set is missing or lacks the icon of a concept.
        ValueError: the size is not a multiple of 32.
    """

    def __init__(
        self,
        art: Path,
        size: int = 128,
        sets: Sequence[str] = DEFAULT_SETS,
        concepts: Sequence[Concept] | None = None,
    ) -> None:
        if size < 32 or size % 32:
            raise ValueError(f"scenes are a multiple of 32 pixels square, not {size}")
        self.size = size
        self.concepts = list(concepts or load_concepts())
        self.sprites = Sprites(self.concepts, art, tuple(sets))
        self._by_name = {concept.name: concept for concept in self.concepts}
        weights = np.array([concept.weight for concept in self.concepts])
        self._odds = np.cumsum(weights / weights.sum())

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
        rng = np.random.default_rng((seed, 0))
        draws = rng.random(12)
        concept, second = self._concept(draws[0]), self._concept(draws[1])
        setting = list(SETTINGS)[int(draws[2] * len(SETTINGS))]
        weather = _chosen(WEATHERS, _WEATHER_ODDS, draws[3])
        empty = draws[4] < _EMPTY_ODDS
        pair = not empty and draws[5] < _SECOND_ODDS and second is not concept
        coloured = not empty and concept.tint and draws[6] < _COLOUR_ODDS
        return SceneSpec(
            concept=None if empty else concept,
            second=second if pair else None,
            setting=setting,
            light=_chosen(tuple(LIGHTS), _LIGHT_ODDS, draws[7]),
            weather="clear" if setting in INDOORS else weather,
            mood=MOODS[int(draws[9] * len(MOODS))] if draws[8] < _MOOD_ODDS else None,
            style=_chosen(STYLES, _STYLE_ODDS, draws[10]),
            colour=COLOURS[int(draws[11] * len(COLOURS))] if coloured else None,
        )

    def _concept(self, draw: float) -> Concept:
        index = int(np.searchsorted(self._odds, draw, side="right"))
        return self.concepts[min(index, len(self.concepts) - 1)]

    def _render(self, spec: SceneSpec, seed: int) -> Scene:
        pixels = self._paint(spec, np.random.default_rng((seed, 1)))
        return Scene(pixels, caption(spec, np.random.default_rng((seed, 2))), spec)

    def _paint(self, spec: SceneSpec, rng: np.random.Generator) -> np.ndarray:
        draws = rng.random(6)
        layout, phase = int(draws[0] * LAYOUTS), int(draws[1] * 2)
        image = backdrop(spec.setting, spec.light, layout, self.size).copy()
        fall(image, spec.weather, phase, through_window=spec.setting == "window")
        if spec.mood is not None:
            image = image.convert("RGB", palette(spec.mood, False, (1.0, 1.0, 1.0)))
            adorn(image, spec.mood)
        if spec.concept is not None and spec.second is not None:
            for concept, place, draw in zip(
                (spec.concept, spec.second), _PAIR, draws[2:4], strict=True
            ):
                colour = spec.colour if concept is spec.concept else None
                self._place(image, spec, self._sprite(concept, place[0], draw, colour), place)
        elif spec.concept is not None:
            place = _chosen(_PLACES, _PLACE_ODDS, draws[4])
            self._place(
                image, spec, self._sprite(spec.concept, place[0], draws[2], spec.colour), place
            )
        pixels = apply_style(image, spec.style)
        if spec.style == "pencil sketch" and spec.mood is not None:  # grey lines lost the palette
            toned = Image.fromarray(pixels).convert(
                "RGB", palette(spec.mood, True, (1.0, 1.0, 1.0))
            )
            pixels = np.asarray(toned)
        return pixels

    def _sprite(self, concept: Concept, cells: int, draw: float, colour: str | None) -> Sprite:
        sets = self.sprites.sets(concept)
        others = len(sets) - 1
        odds = (_FIRST_SET_ODDS, *[(1 - _FIRST_SET_ODDS) / others] * others) if others else (1.0,)
        art = _chosen(sets, odds, draw)
        return self.sprites.get(art, concept, cells * self.size // (128 // CELL), colour)

    def _place(
        self, image: Image.Image, spec: SceneSpec, sprite: Sprite, place: tuple[int, int, int]
    ) -> None:
        """Paste a subject in the scene's light and mood, with a halo that lifts it off the backdrop."""
        light = LIGHTS["night" if spec.setting in OWN_LIGHT else spec.light]
        _, column, row = place
        cell = self.size // (128 // CELL)
        x, y = column * cell, row * cell
        margin = (sprite.halo.width - sprite.ink.width) // 2
        glow, halo = _halo(light.glow, sprite.halo, spec.style)
        image.paste(
            glow, (x - margin, y - margin, x - margin + halo.width, y - margin + halo.width), halo
        )
        lit = sprite.colours.convert("RGB", palette(spec.mood, True, light.subject))
        image.paste(lit, (x, y), sprite.ink)


_SOFT = [v * 150 // 255 for v in range(256)]
_FAINT = [v * 70 // 255 for v in range(256)]
_HARD = [min(255, v * 4) for v in range(256)]


def _halo(glow: RGB, halo: Image.Image, style: str) -> tuple[RGB, Image.Image]:
    """Colour and mask of the halo; posters have a hard black outline, pixels a faint one."""
    if style == "poster":
        return (26, 22, 38), halo.point(_HARD)
    return glow, halo.point(_FAINT if style == "pixel art" else _SOFT)


def _chosen(options: Sequence[_T], odds: Sequence[float], draw: float) -> _T:
    """The option in whose share of [0, 1) the draw falls."""
    total = 0.0
    for option, share in zip(options, odds, strict=True):
        total += share
        if draw < total:
            return option
    return options[-1]
