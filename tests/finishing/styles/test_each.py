"""What is special about a style."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from songdalle_core.finishing.scene import Scene
from songdalle_core.finishing.styles import STYLES
from tests.finishing.styles.scenes import make_scene


def painted(style: str, scene: Scene, seed: int = 1) -> np.ndarray:
    return STYLES[style](scene, np.random.default_rng(seed))


def grain(picture: np.ndarray) -> float:
    """How much neighbouring pixels differ."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5)).mean())


def test_a_picture_is_the_scene_on_paper(scene: Scene) -> None:
    apart = np.abs(painted("picture", scene) - scene.picture)
    assert 0 < apart.mean() < 0.015


def test_a_painting_has_strokes_but_keeps_its_colours(scene: Scene) -> None:
    painting = painted("painting", scene)
    assert grain(painting) > 1.5 * grain(scene.picture)
    soft, wanted = (cv2.GaussianBlur(image, (0, 0), 12) for image in (painting, scene.picture))
    assert np.abs(soft - wanted).mean() < 0.04


def test_a_painting_keeps_eyes(scene: Scene) -> None:
    painting = painted("painting", scene)
    eye, cheek = painting[132, 106], painting[165, 106]  # the eye is at (425, 530) of 1024
    assert eye.mean() < 0.6 * cheek.mean()


def test_watercolour_leaves_a_white_margin(scene: Scene) -> None:
    sheet = painted("watercolour", scene)
    edge = np.concatenate([sheet[0], sheet[-1], sheet[:, 0], sheet[:, -1]])
    assert edge.min() > 0.8
    assert sheet[40:-40, 40:-40].mean() < edge.mean()


def test_a_pencil_sketch_is_hatched_on_toned_paper(scene: Scene) -> None:
    sketch = painted("pencil sketch", scene)
    assert grain(sketch) > 2 * grain(scene.picture)
    assert sketch[:60].std(axis=(0, 1)).max() < 0.25


def test_a_poster_is_printed_in_a_few_inks() -> None:
    poster = painted("poster", make_scene(512))
    tones = np.rint(poster.reshape(-1, 3) * 15).astype(int)
    _, counts = np.unique(tones, axis=0, return_counts=True)
    assert np.sort(counts)[::-1][:20].sum() > 0.6 * counts.sum()


def test_album_art_has_no_black_and_no_white(scene: Scene) -> None:
    extremes = Scene(
        (scene.picture > 0.5).astype(np.float32),
        scene.subject,
        scene.ground,
        scene.depth,
        scene.palette,
        None,
        scene.side,
    )
    sleeve = painted("album art", extremes)
    assert np.quantile(sleeve, 0.02) > 0.05
    assert np.quantile(sleeve[..., 2], 0.98) < 0.97


@pytest.mark.parametrize("side", [128, 256, 300])
def test_pixel_art_is_made_of_squares_in_few_colours(side: int) -> None:
    picture = painted("pixel art", make_scene(side))
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) <= 20
    changes = (picture[:, 1:] != picture[:, :-1]).any((0, 2))
    assert changes.sum() <= 63  # columns between squares


def test_a_lino_cut_is_printed_in_a_few_inks(scene: Scene) -> None:
    cut = painted("lino cut", scene)
    inks, counts = np.unique(
        np.rint(cut.reshape(-1, 3) * 7).astype(int), axis=0, return_counts=True
    )
    assert np.sort(counts)[::-1][:14].sum() > 0.7 * counts.sum()
    assert len(inks) < 150


def test_a_risograph_has_colours_between_paper_and_two_inks(scene: Scene) -> None:
    """In the logarithm, overprints of two inks lie on a plane: the third direction is paper grain alone."""
    print_ = painted("risograph", scene).reshape(-1, 3).astype(np.float64)
    logs = np.log(np.maximum(print_, 0.02))
    spread = np.linalg.svd(logs - logs.max(0), compute_uv=False, full_matrices=False)
    assert spread[2] < 0.2 * spread[0]


def test_neon_is_light_on_dark(scene: Scene) -> None:
    sign = painted("neon", scene)
    assert np.median(sign) < 0.25
    assert sign.max() > 0.75


def test_a_collage_has_a_light_rim_about_the_subject(scene: Scene) -> None:
    glued = painted("collage", scene).mean(2)
    size = 256 // 40
    rim = cv2.dilate(scene.subject, np.ones((size, size))) - cv2.dilate(
        scene.subject, np.ones((2, 2))
    )
    assert np.median(glued[rim > 0.9]) > scene.picture.mean() + 0.05


def test_a_photograph_is_sharp_at_the_subject_only(scene: Scene) -> None:
    def sharpness(picture: np.ndarray, where: np.ndarray) -> float:
        grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
        steps = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
        return float(np.quantile(steps[where], 0.97))

    photograph = painted("photograph", scene)
    eyes = scene.subject > 0.99
    sun = np.zeros_like(eyes)
    sun[20:100, 150:230] = True
    kept = sharpness(photograph, eyes) / sharpness(scene.picture, eyes)
    lost = sharpness(photograph, sun) / sharpness(scene.picture, sun)
    assert kept > 1.3 * lost
