"""Contrast and veils."""

from __future__ import annotations

import numpy as np
import pytest

from songdalle_core.release.colours import (
    BLACK,
    WHITE,
    chief_colours,
    choose_ink,
    contrast,
    luminance,
    veiled,
    worst,
)
from tests.release.pictures import half_busy


def test_contrast_is_that_of_wcag() -> None:
    levels = np.array([[0, 0, 0], [119, 119, 119], [255, 255, 255]], dtype=np.uint8)
    black, grey, white = contrast((255, 255, 255), luminance(levels))
    assert (black, white) == (pytest.approx(21), pytest.approx(1))
    assert grey == pytest.approx(4.48, abs=0.01)  # the known borderline grey


def test_ink_stands_off() -> None:
    assert choose_ink(luminance(np.full((9, 3), 20, np.uint8)), [], 4.5) == WHITE
    assert choose_ink(luminance(np.full((9, 3), 230, np.uint8)), [], 4.5) == BLACK
    dark = luminance(np.full((9, 3), 10, np.uint8))
    assert choose_ink(dark, [(20, 20, 20), (250, 220, 40)], 4.5) == (250, 220, 40)


def test_chief_colours_are_the_same_each_time() -> None:
    assert chief_colours(half_busy()) == chief_colours(half_busy())
    assert chief_colours(half_busy())[0] == (40, 70, 140)


def test_a_veil_gives_noise_the_contrast_that_is_needed_and_spares_the_rest() -> None:
    picture, mask = half_busy(), np.zeros((400, 400), np.uint8)
    mask[300:330, 100:300] = 255
    assert worst(WHITE, luminance(picture[mask > 0])) < 2
    veil, density = veiled(picture, mask, WHITE, 4.5)
    assert density > 0
    assert worst(WHITE, luminance(veil[mask > 0])) >= 4.5
    assert np.array_equal(veil[:200], picture[:200])


def test_no_veil_where_none_is_needed() -> None:
    picture, mask = half_busy(), np.zeros((400, 400), np.uint8)
    mask[50:80, 100:300] = 255
    same, density = veiled(picture, mask, WHITE, 4.5)
    assert density == 0
    assert same is picture
