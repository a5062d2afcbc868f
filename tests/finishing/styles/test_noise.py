"""Noise and papers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from songdalle_core.finishing.styles import paper
from songdalle_core.finishing.styles.noise import cut, noise, sheet_side, spread


def test_noise_has_the_spread_asked_for() -> None:
    field = spread(noise(200, 20, 3, seed=4), 0.5, 0.1)
    assert field.dtype == np.float32
    assert field.mean() == pytest.approx(0.5, abs=0.01)
    assert field.std() == pytest.approx(0.1, abs=0.01)


def test_noise_is_the_same_at_every_resolution() -> None:
    coarse, fine = (noise(side, 12, 2, seed=4).astype(np.float32) for side in (128, 512))
    shrunk = cv2.resize(fine, coarse.shape, interpolation=cv2.INTER_AREA)
    assert np.corrcoef(coarse.ravel(), shrunk.ravel())[0, 1] > 0.98


def test_a_piece_is_cut_where_the_generator_says() -> None:
    sheet = noise(128, 12)
    assert sheet.shape == (sheet_side(128),) * 2
    one, same, other = (cut(sheet, 128, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.shape == (128, 128)
    assert (one == same).all()
    assert (one != other).any()


@pytest.mark.parametrize("surface", [paper.cartridge, paper.canvas, paper.pulp])
def test_papers_are_lit_about_the_middle(surface: object) -> None:
    assert callable(surface)
    sheet = surface(200)
    assert sheet.shape == (sheet_side(200),) * 2
    assert abs(float(sheet.mean()) - 128) < 4


def test_pigment_settles_in_the_hollows() -> None:
    light, hollows = paper.cold_pressed(200)
    assert light.shape == hollows.shape
    assert 30 < float(hollows.std()) < 50
