"""Grounds drawn in code, what is told of them, and how subjects are placed on them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.training.content import grounds
from scripts.training.content.shapes import GLOW, Drawing, mix
from scripts.training.scenes.art import CONCEPTS_FILE, load_concepts

EVERY = [(place, variant) for place in grounds.PLACES for variant in range(grounds.VARIANTS[place])]
ABSTRACT = {"fields", "waves", "circles", "rays", "stripes", "cells"}
STANCES = {"stands", "floats", "swims", "emblem"}


def _pixels(place: str, variant: int) -> np.ndarray:
    return np.asarray(grounds.render(place, variant, 64)).astype(int)


def test_every_place_has_three_different_grounds() -> None:
    assert set(grounds.VARIANTS) == set(grounds.PLACES)
    for place in grounds.PLACES:
        pictures = [_pixels(place, variant) for variant in range(grounds.VARIANTS[place])]
        assert len(pictures) >= 3
        for k, picture in enumerate(pictures):
            for other in pictures[:k]:
                assert np.abs(picture - other).mean() > 5
                assert np.abs(picture - other[:, ::-1]).mean() > 5


@pytest.mark.parametrize(("place", "variant"), EVERY)
def test_a_ground_is_opaque_below_and_open_where_the_sky_is(place: str, variant: int) -> None:
    alpha = _pixels(place, variant)[..., 3]
    ground = grounds.facts(place, variant)
    assert 0.4 < ground.horizon <= 0.95
    assert ground.horizon - 0.1 <= ground.floor < 1
    if place not in ("sky", "space"):
        below = round(64 * max(ground.floor, ground.horizon))
        assert (alpha[below:] > 250).all()
    if place in ABSTRACT or place == "underwater":
        assert (alpha > 250).all()
    elif not ground.indoors:
        assert (alpha[: round(64 * ground.horizon)] < 128).mean() > 0.2


def test_a_ground_is_drawn_in_any_size_and_always_alike() -> None:
    small, large = grounds.render("sea", 0, 32), grounds.render("sea", 0)
    assert (small.mode, small.size, large.size) == ("RGBA", (32, 32), (256, 256))
    assert grounds.render("sea", 0).tobytes() == large.tobytes()


def test_lamps_have_the_colour_that_shines() -> None:
    picture = np.asarray(grounds.render("street", 0))
    assert mix(GLOW, GLOW, 0.5) == GLOW
    assert (picture[..., :3] == (255, 214, 102)).all(axis=-1).sum() > 100


@pytest.mark.parametrize(("place", "variant"), [("moor", 0), ("sea", 3), ("sea", -1)])
def test_no_such_ground(place: str, variant: int) -> None:
    for ask in (grounds.render, grounds.facts):
        with pytest.raises(ValueError, match="no ground"):
            ask(place, variant)


def test_facts_name_every_ground_once() -> None:
    lines = grounds.FACTS_FILE.read_text(encoding="utf-8").splitlines()
    named = [tuple(line.split("\t")[:2]) for line in lines if not line.startswith("#")]
    assert sorted(named) == sorted((place, str(variant)) for place, variant in EVERY)


def test_holes_and_placing() -> None:
    drawing = Drawing()
    drawing.wall(["M64 64H192V192H64Z"], "#102030")
    with drawing.placed(128, 128, scale=16, turn=90, mirrored=True):
        drawing.rect(0, 0, 2, 1, "#ff0000")
    picture = drawing.render(64)
    assert picture.getpixel((2, 2)) == (16, 32, 48, 255)
    assert picture.getpixel((40, 20)) == (0, 0, 0, 0)
    # to the right and down, mirrored, then turned by a quarter: up and to the left
    assert picture.getpixel((30, 26)) == (255, 0, 0, 255)
    assert picture.getpixel((34, 34)) == (0, 0, 0, 0)


def test_the_sheet(tmp_path: Path) -> None:
    grounds.main(["--out", str(tmp_path / "sheet.png"), "--side", "24"])
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width == 9 * 24
        assert sheet.height >= len(EVERY) / 9 * 24


def test_every_subject_has_one_stance() -> None:
    lines = CONCEPTS_FILE.with_name("stances.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert {stance for stance, _ in rows} == STANCES
    counted = Counter(subject for _, subjects in rows for subject in subjects.split(","))
    assert set(counted) == {concept.name for concept in load_concepts()}
    assert set(counted.values()) == {1}
