"""Pictures of any other generator: enlarged, graded as a cover's layers would be."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.colour import luma
from songdalle_core.finishing.grading import graded
from songdalle_core.finishing.look import Look
from songdalle_core.finishing.scene import Floats

_SPARED = 0.6  # share of a new light that a subject is spared
_SMALLEST = 8  # pixels a side


def check_picture(pixels: npt.NDArray[np.uint8]) -> None:
    """Raise ValueError unless it is uint8 (H, W, 3) and large enough."""
    fits = pixels.ndim == 3 and pixels.shape[2] == 3 and min(pixels.shape[:2]) >= _SMALLEST
    if pixels.dtype != np.uint8 or not fits:
        raise ValueError(
            f"a picture is uint8 (H, W, 3), {_SMALLEST} pixels or more a side, "
            f"not {pixels.dtype} {pixels.shape}"
        )


def squared(pixels: npt.NDArray[np.uint8], side: int) -> Floats:
    """The middle square of a picture at the cover's size, (side, side, 3) in [0, 1]."""
    height, width = pixels.shape[:2]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    middle = pixels[top : top + short, left : left + short]
    mode = cv2.INTER_AREA if short > side else cv2.INTER_CUBIC
    sized = cv2.resize(middle, (side, side), interpolation=mode)
    return sized.astype(np.float32) * np.float32(1 / 255)


def regraded(picture: Floats, subject: Floats, look: Look, relit: bool) -> Floats:
    """A picture in a look's mood, and in its light if `relit`.

    Args:
        picture: (S, S, 3) in [0, 1].
        subject: (S, S), where its subject is: that takes less of the light.
        look: what it is to look like.
        relit: whether a light was asked for; a picture has one of its own.
    """
    if relit:
        dimmed = np.array(look.light.ground, dtype=np.float32) - 1
        picture = picture * (1 + (1 - _SPARED * subject[..., None]) * dimmed)
    return graded(picture, look.grade, look.ramp, 0.5 * look.grade.ground)


def salience(picture: Floats) -> Floats:
    """A guess of where the subject is, (S, S): what differs from the picture's rim, near the middle."""
    side = picture.shape[0]
    small = np.asarray(cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA), np.float32)
    rim = np.concatenate(
        [small[:6].reshape(-1, 3), small[:, :4].reshape(-1, 3), small[:, -4:].reshape(-1, 3)]
    )
    apart = np.linalg.norm(small - np.median(rim, axis=0), axis=-1) + 0.5 * np.abs(
        luma(small) - float(np.median(luma(rim)))
    )
    line = np.linspace(-1, 1, 64, dtype=np.float32)
    middle = np.exp(-(line[:, None] ** 2 + line[None] ** 2) / 0.7)
    soft = cv2.GaussianBlur((apart * middle).astype(np.float32), (0, 0), 2.5)
    soft = np.clip((soft / max(float(soft.max()), 1e-3) - 0.25) * 2.2, 0, 1)
    return cv2.resize(soft, (side, side), interpolation=cv2.INTER_LINEAR)
