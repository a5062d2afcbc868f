"""Layers: what the generator can draw, and what each is called."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.training.caption_vocabulary import vocabulary
from scripts.training.content import grounds
from scripts.training.content.layers import ART_SETS, hands_of, layers, premultiplied
from scripts.training.scenes.art import DEFAULT_SETS, Sprites, load_concepts
from songdalle_core.captions.layers import HANDS, layer_captions


def test_every_layer_of_the_vocabulary_is_drawn_once_and_in_order(
    shape_art: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dot = Image.new("RGBA", (16, 16))
    monkeypatch.setattr(Sprites, "square", lambda *asked: dot)
    monkeypatch.setattr(grounds, "render", lambda *asked: dot)
    made = [layer.caption for layer in layers(shape_art, 16)]
    assert made == layer_captions(vocabulary())
    assert len(set(made)) == len(made)


def test_hands_are_the_sets_that_draw_a_subject_well() -> None:
    assert tuple(ART_SETS) == HANDS
    assert tuple(ART_SETS.values()) == DEFAULT_SETS
    for concept in load_concepts():
        assert hands_of(concept)
        assert {ART_SETS[hand] for hand in hands_of(concept)} == set(concept.sets)


def test_what_is_transparent_has_one_value(shape_art: Path) -> None:
    for layer in islice(layers(shape_art), 4):
        assert layer.pixels.shape == (256, 256, 4)
        assert layer.pixels.dtype == np.uint8
        assert not layer.pixels[layer.pixels[..., 3] == 0].any()
        assert (layer.pixels[..., :3] <= layer.pixels[..., 3:]).all()
    half = Image.new("RGBA", (2, 2), (200, 100, 0, 51))
    assert premultiplied(half)[0, 0].tolist() == [40, 20, 0, 51]
