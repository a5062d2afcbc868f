"""Inks and separations."""

from __future__ import annotations

import numpy as np
import pytest

from songdalle_core.finishing.styles import inks

RED, BLUE, WHITE = (
    np.array(colour, np.float32) for colour in ([0.9, 0.1, 0.1], [0.1, 0.1, 0.8], [1, 1, 1])
)


def halves(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    picture = np.empty((64, 64, 3), np.float32)
    picture[:, :32], picture[:, 32:] = left, right
    return picture


def test_toned_reaches_a_luma() -> None:
    for wanted in (0.1, 0.5, 0.9):
        assert inks.luma(inks.toned(RED, wanted)) == pytest.approx(wanted, abs=1e-3)


def test_chief_colours_are_those_of_the_part() -> None:
    left = np.zeros((64, 64), np.float32)
    left[:, :32] = 1
    picture = halves(RED, BLUE)
    assert np.abs(inks.chief_colours(picture, left, 2) - RED).max() < 0.02
    both = inks.chief_colours(picture, np.ones_like(left), 2)
    assert np.abs(both - [BLUE, RED]).max() < 0.05


def test_each_pixel_goes_to_its_nearest_ink() -> None:
    red, blue = inks.separations(halves(RED, BLUE), np.array([RED, BLUE]), 0.01)
    assert red[:, :32].min() == pytest.approx(1)
    assert blue[:, 32:].min() == pytest.approx(1)
    assert np.allclose(red + blue, 1)


def test_a_barred_ink_does_not_print() -> None:
    nowhere = np.ones((64, 64), np.float32)
    red, blue = inks.separations(halves(RED, BLUE), np.array([RED, BLUE]), 0.01, {0: nowhere})
    assert red.max() == 0
    assert blue.min() == pytest.approx(1)


def test_overprint_multiplies() -> None:
    page = np.ones((4, 4, 3), np.float32)
    solid = np.ones((4, 4), np.float32)
    both = inks.printed(inks.printed(page, RED, solid), BLUE, solid)
    assert np.allclose(both, RED * BLUE)


def test_a_page_takes_ink_and_shade() -> None:
    page = inks.Page(4, WHITE)
    page.ink(RED, np.full((4, 4), 0.5, np.float32))
    page.shade(np.full((4, 4), 0.5, np.float32))
    assert np.allclose(page.picture(), (RED + 1) / 4)


@pytest.mark.parametrize("tone", [0.25, 0.5, 0.75])
def test_a_halftone_covers_its_tone(tone: float) -> None:
    field = np.full((256, 256), tone, np.float32)
    covered = inks.dots(field, inks.screen(256, 20, 30.0), 0.05).mean()
    assert covered == pytest.approx(tone, abs=0.06)
