"""Enlarging: nearer to the truth than nearest neighbours, and without halos."""

from __future__ import annotations

import cv2
import numpy as np

from songdalle_core.release.upscaling import enlarged, sharpened
from tests.release.pictures import disc


def test_an_enlarged_picture_is_near_to_what_was_reduced() -> None:
    truth, _ = disc(800)
    small = cv2.resize(truth, (200, 200), interpolation=cv2.INTER_AREA)
    ours = enlarged(small, 800)
    nearest = cv2.resize(small, (800, 800), interpolation=cv2.INTER_NEAREST)

    def error(picture: np.ndarray) -> float:
        return float(np.square(picture.astype(np.float32) - truth).mean())

    assert ours.shape == truth.shape
    assert error(ours) < 0.7 * error(nearest)


def test_sharpening_makes_no_new_extremes() -> None:
    picture = np.full((60, 60, 3), 90, np.uint8)
    picture[:, 30:] = 160
    soft = cv2.GaussianBlur(picture, (0, 0), 3)
    sharp = sharpened(soft, 3.0, 1.5)
    assert 88 <= sharp.min() <= sharp.max() <= 162
    steep = np.abs(np.diff(sharp[30, :, 0].astype(int))).max()
    assert steep > np.abs(np.diff(soft[30, :, 0].astype(int))).max()


def test_the_same_size_is_the_same_picture_and_a_smaller_one_is_not_sharpened() -> None:
    picture, _ = disc(200)
    assert enlarged(picture, 200) is picture
    assert enlarged(picture, 100).shape == (100, 100, 3)
