from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from scripts.training.scenes.weather import WEATHERS, fall


def laid(weather: str, phase: int = 0, through_window: bool = False) -> np.ndarray:
    image = Image.new("RGB", (128, 128), (70, 90, 130))
    fall(image, weather, phase, through_window)
    return np.asarray(image).astype(int)


def test_clear_changes_nothing() -> None:
    assert (laid("clear") == [70, 90, 130]).all()


def test_weathers_differ_from_one_another() -> None:
    pictures = [laid(weather) for weather in WEATHERS]
    apart = [np.abs(a - b).mean() for i, a in enumerate(pictures) for b in pictures[i + 1 :]]
    assert min(apart) > 2


@pytest.mark.parametrize("weather", WEATHERS[1:])
def test_both_phases_differ(weather: str) -> None:
    assert not np.array_equal(laid(weather, 0), laid(weather, 1))


def test_rain_and_snow_add_bright_marks_that_fill_cells_of_sixteen() -> None:
    for weather in ("rain", "snow"):
        bright = laid(weather).min(-1) > 170
        cells = bright.reshape(8, 16, 8, 16).any((1, 3))
        assert cells.all()


def test_through_a_window_the_wall_stays_dry() -> None:
    wet = laid("rain", through_window=True)
    assert (wet[:, :20] == [70, 90, 130]).all()
    assert (wet[30:90, 30:90] != [70, 90, 130]).any()
