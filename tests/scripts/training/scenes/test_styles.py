from __future__ import annotations

import numpy as np
import pytest

from scripts.training.scenes.backdrops import backdrop
from scripts.training.scenes.styles import STYLES, apply_style


def styled(style: str, size: int = 128) -> np.ndarray:
    return apply_style(backdrop("village", "noon", 0, size), style).astype(int)


def test_styles_differ_from_one_another() -> None:
    pictures = [styled(style) for style in STYLES]
    apart = [np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[i + 1 :]]
    assert min(apart) > 3


def test_a_picture_is_left_clean() -> None:
    assert np.array_equal(styled("picture"), np.asarray(backdrop("village", "noon", 0, 128)))


def test_brush_marks_are_faint() -> None:
    """An image model that ignored them would still reach 30 dB."""
    error = ((styled("painting") - styled("picture")) ** 2).mean()
    assert 10 < error < 150
    assert np.abs(np.diff(styled("painting")[:16, 64], axis=0)).mean() > 1


def test_pixel_art_has_blocks_aligned_with_the_cells() -> None:
    blocks = styled("pixel art").reshape(32, 4, 32, 4, 3)
    assert (blocks == blocks[:, :1, :, :1]).all()


def test_posters_have_few_colours() -> None:
    assert set(np.unique(styled("poster"))) <= {0, 63, 127, 191, 255}


def test_sketches_are_grey_on_paper() -> None:
    sketch = styled("pencil sketch")
    assert (sketch.max(-1) - sketch.min(-1)).max() <= 16
    assert np.median(sketch) > 180


def test_album_art_is_framed_and_watercolour_leaves_the_edge_white() -> None:
    assert styled("album art")[0].max() < 40
    assert styled("watercolour")[0].min() > 230


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [64, 256])
def test_any_size(style: str, size: int) -> None:
    assert styled(style, size).shape == (size, size, 3)
