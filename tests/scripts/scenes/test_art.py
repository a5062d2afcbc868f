from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scripts.scenes.art import ArtError, ArtSet, Concept, Sprites, load_concepts


def test_renders_at_any_size_with_transparency(art: Path) -> None:
    image = ArtSet("one", art).render("disc", 48)
    assert image.size == (48, 48)
    alpha = np.asarray(image.getchannel("A"))
    assert alpha[24, 24] == 255
    assert alpha[0, 0] == 0


def test_aliases_and_unknown_icons(art: Path) -> None:
    shapes = ArtSet("one", art)
    assert shapes.svg("ball") == shapes.svg("disc")
    with pytest.raises(ArtError, match="unicorn"):
        shapes.svg("unicorn")


def test_sprites_are_trimmed_to_their_ink(art: Path) -> None:
    sprites = Sprites([Concept("shoes", "bar", ())], art, ("one",))
    assert sprites.get("one", "shoes", 56).size == (56, 12)  # a bar of 28 by 6


def test_the_shipped_concepts_are_well_formed() -> None:
    concepts = load_concepts()
    words = [w for c in concepts for w in (c.name, *c.synonyms)]
    assert len(concepts) >= 100
    assert len(set(words)) == len(words)
    assert all(word == word.lower().strip() and word.isascii() for word in words)
