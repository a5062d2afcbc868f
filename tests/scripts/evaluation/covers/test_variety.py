from __future__ import annotations

import numpy as np
import pytest

from scripts.evaluation.covers.variety import near_copies, spread


def test_the_spread_is_the_mean_distance_of_pairs() -> None:
    assert spread(np.eye(3, dtype=np.float32)) == pytest.approx(1.0)
    assert spread(np.tile(np.float32([0.6, 0.8]), (4, 1))) == pytest.approx(0.0, abs=1e-6)
    assert spread(np.float32([[1, 0], [0, 1], [0, 1]])) == pytest.approx(2 / 3)
    assert spread(np.float32([[1, 0]])) == 0


def painted(x: int, colour: int = 200, grain: int = 0) -> np.ndarray:
    """A disc on a blue ground."""
    rows, columns = np.mgrid[:128, :128]
    picture = np.full((128, 128, 3), (40, 60, 120), np.uint8)
    picture[(rows - 64) ** 2 + (columns - x) ** 2 < 900] = (colour, 30, 30)
    noise = np.random.default_rng(grain).integers(0, 2 * grain + 1, picture.shape) - grain
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_other_grain_or_a_mirror_makes_no_other_cover() -> None:
    covers = [painted(40), painted(40, grain=20), painted(87), painted(64)]
    assert near_copies(np.stack(covers)) == 2


def test_what_stands_elsewhere_or_has_another_colour_is_no_copy() -> None:
    assert near_copies(np.stack([painted(40), painted(64), painted(40, colour=30)])) == 0
