"""What is kept of a cover beside its picture."""

from __future__ import annotations

import numpy as np
import pytest

from songdalle_core.drawings import CoverDrawing
from songdalle_core.provenance import covered_corner, label_image
from songdalle_core.seeds import CoverSeeds

SEEDS = CoverSeeds(1, 2**32 - 1, 3)


def test_a_drawing_comes_back_as_it_was() -> None:
    codes = np.arange(2 * 8 * 8 * 4, dtype=np.uint16).reshape(2, 8, 8, 4)
    corner = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    back = CoverDrawing.unpacked(CoverDrawing(SEEDS, codes, corner).packed())
    assert back.seeds == SEEDS
    assert back.codes is not None
    assert np.array_equal(back.codes, codes)
    assert np.array_equal(back.corner, corner)
    assert CoverDrawing.unpacked(CoverDrawing(SEEDS, None, corner).packed()).codes is None


@pytest.mark.parametrize(
    "content",
    [b"", b"text", CoverDrawing(SEEDS, None, np.zeros((1, 1, 3), np.uint8)).packed()[:-1]],
)
def test_what_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no drawing of a cover"):
        CoverDrawing.unpacked(content)


@pytest.mark.parametrize("side", [64, 512, 1000])
def test_the_notice_can_be_taken_off_again(side: int) -> None:
    picture = np.random.default_rng(5).integers(0, 256, (side, side, 3), dtype=np.uint8)
    labelled = label_image(picture)
    drawing = CoverDrawing(SEEDS, None, covered_corner(picture))
    assert not np.array_equal(labelled, picture)
    assert np.array_equal(drawing.uncovered(labelled), picture)
