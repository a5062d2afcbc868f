"""What holds for every style."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import pytest

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import STYLES
from tests.finishing.styles.scenes import PALETTE, make_scene

BLUE = np.array(
    [
        [0.03, 0.06, 0.14],
        [0.08, 0.18, 0.34],
        [0.20, 0.38, 0.58],
        [0.48, 0.66, 0.80],
        [0.88, 0.94, 0.97],
    ],
    np.float32,
)
every_style = pytest.mark.parametrize("style", STYLES)


def painted(style: str, scene: Scene, seed: int = 1) -> np.ndarray:
    return STYLES[style](scene, np.random.default_rng(seed))


def small(picture: np.ndarray, side: int = 64) -> np.ndarray:
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_the_names_of_the_styles() -> None:
    assert tuple(STYLES) == (
        "picture",
        "painting",
        "watercolour",
        "pencil sketch",
        "poster",
        "album art",
        "pixel art",
        "lino cut",
        "risograph",
        "neon",
        "collage",
        "photograph",
    )


@every_style
@pytest.mark.parametrize("side", [32, 97, 256])
def test_a_picture_of_the_side_asked_for(style: str, side: int) -> None:
    picture = painted(style, make_scene(side))
    assert picture.shape == (side, side, 3)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() <= 1


@every_style
def test_the_generator_decides_and_the_scene_is_left_alone(style: str, scene: Scene) -> None:
    before = [scene.picture.copy(), scene.subject.copy(), scene.palette.copy()]
    first, again = painted(style, scene), painted(style, scene)
    other = painted(style, scene, seed=2)
    assert (first == again).all()
    assert style == "pixel art" or (first != other).any()
    after = [scene.picture, scene.subject, scene.palette]
    assert all((old == new).all() for old, new in zip(before, after, strict=True))


@every_style
def test_the_same_picture_at_every_resolution(style: str) -> None:
    coarse, fine = (small(painted(style, make_scene(side)), 32) for side in (256, 512))
    assert likeness(coarse, fine) > 0.96
    assert abs(coarse.mean() - fine.mean()) < 0.02


@every_style
def test_the_subject_stands_out(style: str, scene: Scene) -> None:
    """The lines of the picture, seen as small as in a list, are those of the scene's subject."""
    outline = cv2.morphologyEx(small(scene.subject, 64), cv2.MORPH_GRADIENT, np.ones((3, 3)))
    grey = cv2.GaussianBlur(small(painted(style, scene)).astype(np.float32), (0, 0), 0.8)
    steps = sum(
        np.hypot(cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1))
        for plane in cv2.split(grey)
    )
    about = cv2.dilate(outline, np.ones((5, 5))) < 0.1
    about[:8] = about[-8:] = about[:, :8] = about[:, -8:] = False  # a margin is no subject
    near, far = steps[outline > 0.5].mean(), steps[about].mean()
    assert near > 1.8 * far


@every_style
def test_moods_are_told_apart_by_colour(style: str) -> None:
    """A palette colours the picture: warm ones are warmer than cold ones."""

    def warmth(palette: np.ndarray) -> float:
        picture = painted(style, make_scene(192, palette, tuple(palette[3] * 0.9)))
        return float(picture[..., 0].mean() - picture[..., 2].mean())

    assert warmth(PALETTE) - warmth(BLUE) > 0.06


@every_style
def test_a_scene_without_a_subject(style: str, scene: Scene) -> None:
    nothing = np.zeros_like(scene.subject)
    empty = Scene(
        scene.picture, nothing, scene.ground, scene.depth, scene.palette, None, scene.side
    )
    assert np.isfinite(painted(style, empty)).all()


@every_style
@pytest.mark.parametrize("shade", [0.0, 0.5, 1.0])
def test_a_picture_of_one_colour(style: str, shade: float) -> None:
    flat = np.full((64, 64, 3), shade, np.float32)
    field = np.zeros((64, 64), np.float32)
    palette = np.full((3, 3), shade, np.float32)
    assert np.isfinite(painted(style, Scene(flat, field, field, field, palette, None, 64))).all()


def test_no_two_styles_look_the_same(scene: Scene) -> None:
    pictures = {style: painted(style, scene) for style in STYLES}
    for one, other in combinations(pictures, 2):
        assert np.abs(pictures[one] - pictures[other]).mean() > 0.015, (one, other)
