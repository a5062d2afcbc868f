from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scripts.training.scenes.art import (
    DEFAULT_SETS,
    MISNAMED,
    ArtError,
    ArtSet,
    Concept,
    Sprites,
    drawn_by,
    holding,
    load_concepts,
)

FETCHED = Path(__file__).resolve().parents[4] / "data" / "art"


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


def test_a_drawing_fills_its_square_in_the_middle(art: Path) -> None:
    shoes = Concept("shoes", "bar", ())
    square = Sprites([shoes], art, ("one",)).square("one", shoes, 56)
    ink = square.getchannel("A").point(lambda a: 255 * (a > 128))
    assert (square.mode, square.size) == ("RGBA", (56, 56))
    assert ink.getbbox() == (0, 22, 56, 34)  # 28 by 6


def test_an_icon_of_no_set_is_refused(art: Path) -> None:
    with pytest.raises(ArtError, match="unicorn"):
        Sprites([Concept("unicorn", "unicorn", ())], art, ("one",))


def test_subjects_without_a_drawing_are_left_out(shape_art: Path, tmp_path: Path) -> None:
    assert drawn_by(shape_art, DEFAULT_SETS) == load_concepts()
    held = json.loads((shape_art / "noto" / "icons.json").read_text())
    few = [concept for concept in load_concepts() if concept.name in ("cat", "cicada", "heart")]
    icons = {concept.icon: held["icons"][concept.icon] for concept in few}
    others = ("emojione",)
    for name in others:
        (tmp_path / name).mkdir()
        (tmp_path / name / "icons.json").write_text(json.dumps({**held, "icons": icons}))
    drawn = drawn_by(tmp_path, others)
    assert {concept.name for concept in drawn} == {"cat", "heart"}
    assert {icon for _, icon in MISNAMED} == {c.icon for c in few if c.name == "cicada"}


def test_a_concept_is_taken_from_the_sets_it_names_and_from_those_no_generator_learns(
    shape_art: Path,
) -> None:
    art = {name: ArtSet(name, shape_art) for name in ("noto", "noto-v1", "twemoji")}
    named = Concept("cat", "cat", (), sets=("noto",))
    assert holding(named, art) == ("noto", "twemoji")
    assert holding(replace(named, sets=()), art) == tuple(art)
    assert holding(named, {"noto-v1": art["noto-v1"]}) == ("noto-v1",)


def test_the_shipped_concepts_are_well_formed() -> None:
    concepts = load_concepts()
    words = [w for c in concepts for w in (c.name, *c.synonyms)]
    assert len(concepts) >= 320
    assert len(set(words)) == len(words)
    assert all(word == word.lower().strip() and word.isascii() for word in words)
    assert all(c.weight > 0 and c.tint in ("", "main", "all") for c in concepts)
    assert all(set(c.sets) <= set(DEFAULT_SETS) for c in concepts)
    weights = {c.name: c.weight for c in concepts}
    assert weights["heart"] > weights["padlock"] > 0


def test_love_is_a_heart() -> None:
    named = {word: c.name for c in load_concepts() for word in c.synonyms}
    assert named["love"] == "heart"
    assert named["sneakers"] == "shoes"
    assert named["night train"] == "train"


@pytest.mark.skipif(
    not FETCHED.is_dir(), reason="needs the art: python scripts/training/fetch_art.py"
)
@pytest.mark.parametrize("name", DEFAULT_SETS)
def test_every_concept_renders_in_its_sets(name: str) -> None:
    art = ArtSet(name, FETCHED)
    icons = json.loads((FETCHED / name / "icons.json").read_text(encoding="utf-8"))
    assert len(icons["icons"]) > 1000
    for concept in load_concepts():
        if name in (concept.sets or DEFAULT_SETS):
            assert concept.icon in art, concept.name
            assert np.asarray(art.render(concept.icon, 24).getchannel("A")).mean() > 20, (
                concept.name
            )
