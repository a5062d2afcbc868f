"""Layers: everything the embedded generator can draw, each with the caption that it is drawn by.

A subject is an icon in one of several hands (art sets): "noto cat". A ground is one of several drawings of a
place: "second shore". One caption names one drawing, so that a model learns each in one form; how it is
placed, coloured and painted is the finish's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from scripts.training.content import grounds
from scripts.training.scenes.art import Concept, Sprites, load_concepts
from songdalle_core.captions.layers import HANDS, ground_caption, subject_caption

SIDE = 256  # pixels of a layer
ART_SETS = {
    hand: art for hand, art in zip(HANDS, ("fluent-emoji-flat", "noto", "noto-v1"), strict=True)
}
"""The art set of each hand."""


@dataclass(frozen=True)
class Layer:
    """One drawing and what it is called.

    Attributes:
        caption: that the transformer draws it by.
        pixels: uint8 (SIDE, SIDE, 4), colour premultiplied by alpha.
    """

    caption: str
    pixels: np.ndarray


def hands_of(concept: Concept) -> tuple[str, ...]:
    """The hands that drew a concept well, in the order of `HANDS`."""
    return tuple(hand for hand, art in ART_SETS.items() if art in concept.sets)


def layers(art: Path, side: int = SIDE) -> Iterator[Layer]:
    """Every subject in every hand, then every ground.

    Raises:
        scripts.training.scenes.art.ArtError: an art set is missing.
    """
    concepts = load_concepts()
    sprites = Sprites(concepts, art, tuple(ART_SETS.values()))
    for concept in concepts:
        for hand in hands_of(concept):
            image = sprites.square(ART_SETS[hand], concept, side)
            yield Layer(subject_caption(concept.name, hand), premultiplied(image))
    for place in grounds.PLACES:
        for variant in range(grounds.VARIANTS[place]):
            image = grounds.render(place, variant, side)
            yield Layer(ground_caption(place, variant), premultiplied(image))


def premultiplied(image: Image.Image) -> np.ndarray:
    """An RGBA picture as uint8 (H, W, 4), its colours multiplied by alpha."""
    pixels = np.asarray(image.convert("RGBA"), dtype=np.float32)
    alpha = pixels[..., 3:] / 255
    return (
        np.concatenate([pixels[..., :3] * alpha, pixels[..., 3:]], axis=-1).round().astype(np.uint8)
    )
