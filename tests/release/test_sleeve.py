"""Fronts and backs."""

from __future__ import annotations

import numpy as np
import pytest

from songdalle_core.release import (
    LAYOUTS,
    MAX_TRACKS,
    ReleaseError,
    SleeveText,
    make_back,
    make_front,
)
from songdalle_core.release.colours import luminance
from songdalle_core.release.layouts import MARGIN
from songdalle_core.release.sleeve import ARTIST_CONTRAST, TITLE_CONTRAST, choose_layout
from tests.release.pictures import disc, half_busy

TEXT = SleeveText("노란 풍선 Balloon", "김하늘")


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout != "none"])
@pytest.mark.parametrize("seed", range(3))
def test_type_can_be_read_and_keeps_to_the_margins(layout: str, seed: int) -> None:
    picture, subject = disc()
    sleeve = make_front(picture, TEXT, layout, seed, subject)  # type: ignore[arg-type]
    assert sleeve.contrast is not None
    assert sleeve.contrast >= min(TITLE_CONTRAST, ARTIST_CONTRAST)
    assert (sleeve.pixels != picture).any()
    slack = 0.002  # boxes are in whole pixels
    for left, top, right, bottom in sleeve.boxes:
        assert min(left, top) >= MARGIN - slack
        assert max(right, bottom) <= 1 - MARGIN + slack


@pytest.mark.parametrize(("x", "y"), [(0.3, 0.3), (0.7, 0.3), (0.3, 0.7), (0.7, 0.7)])
def test_the_subject_is_left_free_wherever_it_is(x: float, y: float) -> None:
    picture, subject = disc(x=x, y=y)
    assert make_front(picture, TEXT, "headline", 1, subject).covered < 0.1


def test_an_unknown_subject_is_guessed() -> None:
    ((_, top, _, bottom),) = make_front(half_busy(), TEXT, "headline", 1).boxes
    assert (top + bottom) / 2 < 0.5


def test_the_same_seed_gives_the_same_sleeve_and_others_other_layouts() -> None:
    picture, subject = disc()
    first, again = (make_front(picture, TEXT, None, 5, subject) for _ in range(2))
    assert np.array_equal(first.pixels, again.pixels)
    assert {choose_layout(TEXT, seed) for seed in range(20)} == set(LAYOUTS) - {"none"}


def test_without_text_the_picture_stays() -> None:
    picture = half_busy()
    assert make_front(picture, TEXT, "none").pixels is picture
    assert make_front(picture, SleeveText()).layout == "none"
    with pytest.raises(ReleaseError, match="name a title") as refused:
        make_front(picture, SleeveText(), "corner")
    assert refused.value.field == "title"


def test_a_back_is_dark_and_lists_every_track() -> None:
    picture, _ = disc()
    few = make_back(picture, SleeveText("바다", "선", ("하나", "Two")))
    many = make_back(
        picture, SleeveText("바다", "선", tuple(f"Track {n}" for n in range(MAX_TRACKS)))
    )
    assert few.contrast is not None
    assert few.contrast >= ARTIST_CONTRAST
    light = (luminance(few.pixels) > 0.5).mean()
    assert 0 < light < (luminance(many.pixels) > 0.5).mean()


@pytest.mark.parametrize("tracks", [(), ("a",) * (MAX_TRACKS + 1), ("😀",)])
def test_tracks_that_cannot_be_listed_are_refused(tracks: tuple[str, ...]) -> None:
    with pytest.raises(ReleaseError) as refused:
        make_back(half_busy(), SleeveText("바다", "", tracks))
    assert refused.value.field == "tracks"
