from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from scripts.training.scenes.backdrops import SETTINGS, backdrop
from scripts.training.scenes.grades import GRADES, adorn, palette
from songdalle_core.moods import MOODS, Mood

NEUTRAL = (1.0, 1.0, 1.0)


def graded(mood: Mood | None, setting: str = "field", light: str = "noon") -> np.ndarray:
    image = backdrop(setting, light, 0, 64).convert("RGB", palette(mood, False, NEUTRAL))
    if mood:
        adorn(image, mood)
    return np.asarray(image).astype(float)


def saturation(pixels: np.ndarray) -> float:
    return float((pixels.max(-1) - pixels.min(-1)).mean())


def test_no_mood_changes_nothing() -> None:
    assert np.array_equal(graded(None), np.asarray(backdrop("field", "noon", 0, 64)))


def test_moods_have_the_palettes_their_text_names() -> None:
    pictures = {mood: graded(mood) for mood in MOODS}
    bright = {mood: pixels.mean() for mood, pixels in pictures.items()}
    spread = {mood: pixels.mean(-1).std() for mood, pixels in pictures.items()}
    hue = {mood: pixels.mean((0, 1)) for mood, pixels in pictures.items()}
    assert saturation(pictures["Joyful"]) > 1.5 * max(
        saturation(pictures["Sadness"]), saturation(pictures["Calmness"])
    )
    assert bright["Calmness"] > bright["Sadness"] > bright["Tension"]
    assert spread["Power"] > spread["Calmness"]
    assert hue["Power"][0] > hue["Power"][1] + 20  # red
    assert hue["Sadness"][2] > hue["Sadness"][0]  # blue
    assert hue["Tension"][1] >= hue["Tension"][2]  # green


@pytest.mark.parametrize("light", ["noon", "golden hour", "night"])
def test_a_simple_statistic_tells_the_moods_apart(light: str) -> None:
    """Mean colour, spread and saturation name the mood of every setting by the nearest of the means."""

    def statistic(setting: str, mood: Mood) -> np.ndarray:
        pixels = graded(mood, setting, light)
        edges = (
            np.abs(np.diff(pixels.mean(-1), axis=1)).mean(),
            np.abs(np.diff(pixels.mean(-1), axis=0)).mean(),
        )
        return np.array(
            [*pixels.mean((0, 1)), pixels.std(), saturation(pixels), 4 * edges[0], 4 * edges[1]]
        )

    settings = [s for s in SETTINGS if s not in ("stage", "space")]
    table = {mood: np.array([statistic(s, mood) for s in settings]) for mood in MOODS}
    centres = np.array([rows.mean(0) for rows in table.values()])
    right = [
        np.abs(centres - row).sum(1).argmin() == number
        for number, rows in enumerate(table.values())
        for row in rows
    ]
    assert np.mean(right) > 0.85


@pytest.mark.parametrize("mood", MOODS)
def test_the_subject_is_graded_less_than_the_backdrop(mood: Mood) -> None:
    red = Image.new("RGB", (8, 8), (220, 40, 40))
    behind = np.asarray(red.convert("RGB", palette(mood, False, NEUTRAL))).astype(int)
    subject = np.asarray(red.convert("RGB", palette(mood, True, NEUTRAL))).astype(int)
    original = np.asarray(red).astype(int)
    assert np.abs(subject - original).sum() <= np.abs(behind - original).sum()
    assert 0 < GRADES[mood].share < 0.5
