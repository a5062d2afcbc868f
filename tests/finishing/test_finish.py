"""The finish as a whole: determinism, sizes, moods, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from songdalle_core.finishing.colour import to_lab
from songdalle_core.finishing.content import Content, GroundLayer, SubjectLayer
from songdalle_core.finishing.direction import Direction
from songdalle_core.finishing.finish import compose, finish, finish_picture
from songdalle_core.finishing.weather import WEATHERS
from songdalle_core.moods import MOODS

PLAIN = Direction(style="none")


def test_a_seed_gives_the_same_bytes_again(placed: Content) -> None:
    first, second = (finish(placed, PLAIN, seed=5, side=128) for _ in range(2))
    assert first.shape == (128, 128, 3)
    assert first.dtype == np.uint8
    assert first.tobytes() == second.tobytes()
    assert finish(placed, PLAIN, seed=6, side=128).tobytes() != first.tobytes()


def test_one_kind_of_decision_does_not_move_another(placed: Content) -> None:
    plain = compose(placed, Direction(light="noon", weather="clear"), 3, 128)
    rainy = compose(placed, Direction(light="noon", weather="rain"), 3, 128)
    dark = compose(placed, Direction(light="night", weather="clear"), 3, 128)
    np.testing.assert_array_equal(plain.subject, rainy.subject)
    np.testing.assert_array_equal(plain.subject, dark.subject)


@pytest.mark.parametrize("seed", range(12))
def test_every_size_shows_the_same_picture(placed: Content, seed: int) -> None:
    small, middle, large = (finish(placed, PLAIN, seed, side) for side in (256, 512, 1024))
    for bigger in (middle, large):
        reduced = cv2.resize(bigger, (256, 256), interpolation=cv2.INTER_AREA)
        alike = np.corrcoef(small.ravel(), reduced.ravel())[0, 1]
        assert alike > 0.98


def test_the_scene_tells_the_style_what_is_where(placed: Content) -> None:
    scene = compose(placed, Direction(mood="Joyful", device="landscape", weather="clear"), 1, 128)
    assert scene.picture.shape == (128, 128, 3)
    assert scene.picture.dtype == np.float32
    assert scene.picture.min() >= 0
    assert scene.picture.max() <= 1
    for map_ in (scene.subject, scene.ground, scene.depth):
        assert map_.shape == (128, 128)
        assert map_.min() >= -1e-4
        assert map_.max() <= 1 + 1e-4
    assert 3 <= len(scene.palette) <= 5
    assert (np.diff(to_lab(scene.palette)[:, 0]) > 0).all()
    assert scene.depth[2, 64] > scene.depth[125, 2]  # the sky is farther than the ground


def test_moods_look_different(fruit: SubjectLayer) -> None:
    content = Content((fruit,))
    means = {
        mood: np.mean(
            [
                to_lab(compose(content, replace(PLAIN, mood=mood), seed, 64).picture).mean((0, 1))
                for seed in range(6)
            ],
            axis=0,
        )
        for mood in MOODS
    }
    for number, mood in enumerate(MOODS):
        for other in MOODS[:number]:
            assert np.linalg.norm(means[mood] - means[other]) > 12, (mood, other)
    chroma = {mood: float(np.hypot(*mean[1:])) for mood, mean in means.items()}
    assert means["Calmness"][0] > means["Sadness"][0] + 20
    assert chroma["Sadness"] < chroma["Joyful"]


@pytest.mark.parametrize("weather", WEATHERS)
def test_weather_shows_and_leaves_the_subject(placed: Content, weather: str) -> None:
    asked = Direction(light="dusk", weather=weather, device="landscape")
    clear = compose(placed, replace(asked, weather="clear"), 2, 128)
    scene = compose(placed, asked, 2, 128)
    changed = np.abs(scene.picture - clear.picture).mean()
    assert changed == 0 if weather == "clear" else changed > 0.004
    inside = clear.subject > 0.9
    assert np.abs(scene.picture - clear.picture)[inside].mean() < 0.15


def test_pictures_of_others_are_finished() -> None:
    chance = np.random.default_rng(0)
    photo = cv2.resize(chance.integers(0, 255, (6, 9, 3), dtype=np.uint8), (192, 128))
    for mood in (None, *MOODS):
        cover = finish_picture(photo, replace(PLAIN, mood=mood, weather="snow"), 1, 96)
        assert cover.shape == (96, 96, 3)
        assert cover.dtype == np.uint8


def test_bad_input_is_named(fruit: SubjectLayer, hills: GroundLayer) -> None:
    content = Content((fruit,), hills)
    for wrong, message in (
        (Content((replace(fruit, stance="dances"),)), "stance"),
        (Content((replace(fruit, colour="ultraviolet"),)), "colour"),
        (Content((replace(fruit, pixels=np.zeros((8, 9, 4), np.uint8)),)), "subject layer"),
        (Content((fruit,), replace(hills, pixels=np.zeros((64, 64, 3), np.uint8))), "ground layer"),
        (Content((fruit, fruit, fruit)), "two subjects"),
    ):
        with pytest.raises(ValueError, match=message):
            finish(wrong, PLAIN, 1, 64)
    for direction, message in (
        (Direction(mood="Boredom"), "mood"),
        (Direction(light="lava"), "light"),
        (Direction(weather="frogs"), "weather"),
        (Direction(device="hologram"), "device"),
    ):
        with pytest.raises(ValueError, match=message):
            finish(content, direction, 1, 64)
    with pytest.raises(ValueError, match="side"):
        finish(content, PLAIN, 1, 4)
    with pytest.raises(ValueError, match="picture"):
        finish_picture(np.zeros((9, 9), np.uint8), PLAIN, 1, 64)


def test_empty_content_is_still_a_cover() -> None:
    for seed in range(12):
        cover = finish(Content(), Direction(style="none"), seed, 64)
        assert cover.std() > 2


def test_the_style_asked_for_is_painted_and_an_unknown_one_is_not(placed: Content) -> None:
    bare = finish(placed, PLAIN, 5, 96)
    assert finish(placed, Direction(), 5, 96).tobytes() != bare.tobytes()
    crisp = compose(placed, PLAIN, 5, 96).picture
    assert np.abs(bare / 255 - crisp).max() < 0.01
