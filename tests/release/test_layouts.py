"""Layouts: what fits, and what is said where it does not."""

from __future__ import annotations

import numpy as np
import pytest

from songdalle_core.release.layouts import MARGIN, RECIPES, blocks_of
from songdalle_core.release.options import LAYOUTS, Layout, ReleaseError, SleeveText

TYPESET = [layout for layout in LAYOUTS if layout != "none"]
LONG = "A Rather Long Title That Goes On, and On, for Nobody Would Stop It (Deluxe Edition)"


def chance() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("layout", TYPESET)
@pytest.mark.parametrize("title", ["Go", "노란 풍선", "비 오는 날의 창가에서 너를 기다리며", LONG])
def test_blocks_stay_within_the_margins(layout: Layout, title: str) -> None:
    for way in blocks_of(layout, SleeveText(title, "밤의 정원 & The Paper Boats"), 1000, chance()):
        for block in way:
            assert block.width <= 1000 * (1 - 2 * MARGIN)
            assert block.height <= 500
            title_sizes = {row.size for row in block.rows if row.is_title}
            artist_sizes = {row.size for row in block.rows if not row.is_title}
            assert not title_sizes or not artist_sizes or max(artist_sizes) <= min(title_sizes)


def test_all_of_a_title_is_set() -> None:
    block = blocks_of("corner", SleeveText(LONG, ""), 1000, chance())[0][0]
    words = [c for row in block.rows for c, _ in row.line.places]
    assert " ".join(words) == LONG


def test_the_layout_that_parts_them_has_two_blocks() -> None:
    apart = [layout for layout in TYPESET if RECIPES[layout].apart]
    assert apart == ["split"]
    assert len(blocks_of("split", SleeveText("바다", "선"), 1000, chance())[0]) == 2
    assert len(blocks_of("split", SleeveText("바다", ""), 1000, chance())[0]) == 1


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        (SleeveText("가" * 200, "선"), "title", "too long"),
        (SleeveText("바다", "a" * 200), "artist", "too long"),
        (SleeveText("😀", "선"), "title", "has no 😀"),
        (SleeveText("바다", "ก"), "artist", "has no ก"),
    ],
)
def test_what_cannot_be_set_is_named(text: SleeveText, field: str, words: str) -> None:
    with pytest.raises(ReleaseError, match=words) as refused:
        blocks_of("corner", text, 1000, chance())
    assert refused.value.field == field
