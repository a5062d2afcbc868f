from __future__ import annotations

import numpy as np
import pytest

from scripts.training.scenes.backdrops import LAYOUTS, OWN_LIGHT, SETTINGS, backdrop
from scripts.training.scenes.lights import LIGHTS

ASKED_FOR = (
    *("sky", "sea", "shore", "river", "lake", "field", "flower field", "forest", "mountains"),
    *("desert", "snow", "village", "city", "street", "room", "window", "stage", "space"),
)


def picture(setting: str, light: str = "noon", layout: int = 0, size: int = 64) -> np.ndarray:
    return np.asarray(backdrop(setting, light, layout, size)).astype(int)


def test_every_setting_is_there() -> None:
    assert set(ASKED_FOR) == set(SETTINGS)


def test_settings_differ_from_one_another() -> None:
    pictures = [picture(setting) for setting in SETTINGS]
    apart = [np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[i + 1 :]]
    assert min(apart) > 8


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s not in OWN_LIGHT])
def test_lights_differ_in_every_setting(setting: str) -> None:
    pictures = [picture(setting, light) for light in LIGHTS]
    apart = [np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[i + 1 :]]
    assert min(apart) > 3


def test_lights_are_ordered_by_brightness() -> None:
    mean = {light: picture("field", light).mean() for light in LIGHTS}
    assert mean["noon"] > mean["dusk"] > mean["night"] > mean["starry"]


def test_layouts_mirror_the_ground() -> None:
    assert LAYOUTS == 2
    left, right = picture("field", "overcast", 0), picture("field", "overcast", 1)
    assert np.abs(left[40:] - right[40:, ::-1]).mean() < 3
    assert np.abs(left - right).mean() > 1


def test_any_size_shows_the_same() -> None:
    small, large = picture("village", size=64), picture("village", size=128)
    halved = large.reshape(64, 2, 64, 2, 3).mean((1, 3))
    assert np.abs(small - halved).mean() < 3
