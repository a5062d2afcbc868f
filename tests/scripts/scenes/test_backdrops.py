from __future__ import annotations

import numpy as np
import pytest

from scripts.scenes.backdrops import LIGHTS, fall, grade, sky
from songdalle_core.moods import MOODS


def saturation(pixels: np.ndarray) -> float:
    x = pixels.astype(float)
    return float((x.max(-1) - x.min(-1)).mean())


def test_lights_are_ordered_by_brightness() -> None:
    means = {name: np.asarray(sky(name, 32, np.random.default_rng(0))).mean() for name in LIGHTS}
    assert means["day"] > means["sunset"] > means["night"]


@pytest.mark.parametrize("weather", ["rain", "snow"])
def test_weather_adds_bright_marks(weather: str) -> None:
    rng = np.random.default_rng(0)
    plain = sky("night", 64, rng)
    before = np.asarray(plain).copy()
    after = np.asarray(fall(plain, weather, rng))
    assert (after.astype(int).sum(-1) > before.astype(int).sum(-1) + 60).mean() > 0.01


def test_moods_differ_as_their_words_do() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    graded = {mood: grade(pixels, mood) for mood in MOODS}
    assert saturation(graded["Joyful"]) > saturation(graded["Sadness"])
    assert graded["Power"].std() > graded["Calmness"].std()
    assert graded["Joyful"].mean() > graded["Tension"].mean()
    sad = graded["Sadness"].reshape(-1, 3).mean(0)
    assert sad[2] > sad[0]  # bluish
