"""Where type disturbs least."""

from __future__ import annotations

import numpy as np

from songdalle_core.release.calm import Calm, spectral_residual
from tests.release.pictures import disc, half_busy


def test_noise_costs_more_than_an_even_ground() -> None:
    calm = Calm(half_busy())
    assert calm.cost((0.1, 0.1, 0.9, 0.4)) < 0.2 * calm.cost((0.1, 0.6, 0.9, 0.9))


def test_a_known_subject_is_what_costs() -> None:
    picture, subject = disc()
    calm = Calm(picture, subject)
    assert calm.subject_in((0.0, 0.0, 0.6, 0.6)) > 0.95
    assert calm.subject_in((0.6, 0.6, 1.0, 1.0)) == 0
    assert calm.cost((0.1, 0.1, 0.5, 0.5)) > 2 > calm.cost((0.6, 0.6, 0.95, 0.95))


def test_a_lone_thing_is_salient() -> None:
    grey = np.random.default_rng(4).normal(0.5, 0.04, (64, 64)).astype(np.float32)
    grey[40:46, 10:16] = 1
    top = np.unravel_index(spectral_residual(grey).argmax(), grey.shape)
    assert 36 <= top[0] <= 50
    assert 6 <= top[1] <= 20
