"""Contrast of type with what lies behind it, and the ink that gets most of it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_LINEAR = np.where(
    np.arange(256) <= 10,
    np.arange(256) / 255 / 12.92,
    ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4,
).astype(np.float32)  # 10 / 255 is the last level below 0.04045
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
WHITE, BLACK = (250, 249, 246), (17, 17, 20)
_MOSAIC = 48  # pixels a side of the picture that its chief colours are counted in
_CHIEF = 5
_SEED = 20261130


def luminance(pixels: Pixels) -> Floats:
    """WCAG 2.2's relative luminance of uint8 (..., 3) sRGB, 0 to 1."""
    return np.asarray(_LINEAR[pixels] @ _WEIGHTS, dtype=np.float32)


def contrast(ink: tuple[int, int, int], behind: Floats) -> Floats:
    """WCAG 2.2's contrast ratio, 1 to 21, of an ink with luminances."""
    own = float(luminance(np.array(ink, dtype=np.uint8)))
    lighter, darker = np.maximum(own, behind), np.minimum(own, behind)
    return np.asarray((lighter + 0.05) / (darker + 0.05), dtype=np.float32)


def worst(ink: tuple[int, int, int], behind: Floats) -> float:
    """The contrast that 95 % of the pixels have."""
    return float(np.percentile(contrast(ink, behind), 5))


def chief_colours(picture: Pixels) -> list[tuple[int, int, int]]:
    """Up to five colours of a picture, the commonest first (k-means, always the same)."""
    small = cv2.resize(picture, (_MOSAIC, _MOSAIC), interpolation=cv2.INTER_AREA)
    points = small.reshape(-1, 3).astype(np.float32)
    until = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1.0)
    cv2.setRNGSeed(_SEED)
    _, kinds, centres = cv2.kmeans(points, _CHIEF, np.empty(0), until, 2, cv2.KMEANS_PP_CENTERS)
    order = np.argsort(-np.bincount(kinds.ravel(), minlength=_CHIEF), kind="stable")
    return [(int(c[0]), int(c[1]), int(c[2])) for c in np.rint(centres[order])]


def choose_ink(
    behind: Floats, accents: list[tuple[int, int, int]], needed: float
) -> tuple[int, int, int]:
    """White or black, whichever stands off better; an accent where it has half as much again as is needed."""
    for accent in accents:
        if worst(accent, behind) >= 1.5 * needed:
            return accent
    return max((WHITE, BLACK), key=lambda ink: worst(ink, behind))


def veiled(
    picture: Pixels, mask: Pixels, ink: tuple[int, int, int], needed: float
) -> tuple[Pixels, float]:
    """The picture with a soft veil behind type, no denser than the contrast needs; and its density.

    Args:
        picture: uint8 (S, S, 3).
        mask: uint8 (S, S), the letters' coverage.
        ink: of the letters.
        needed: contrast that 95 % of the pixels under the letters and around them must have.
    """
    side = len(picture)
    reach = max(3, side // 150) | 1
    around = cv2.dilate(mask, np.ones((reach, reach), np.uint8))
    under = around > 127
    if not under.any() or worst(ink, luminance(picture[under])) >= needed:
        return picture, 0.0
    small = cv2.resize(around, (256, 256), interpolation=cv2.INTER_AREA)
    grown = cv2.dilate(small, np.ones((9, 9), np.uint8))
    soft = cv2.GaussianBlur(grown.astype(np.float32) / 255, (0, 0), 9)
    soft = np.clip(1.4 * cv2.resize(soft, (side, side), interpolation=cv2.INTER_LINEAR), 0, 1)
    mean = picture[under].mean(axis=0)
    light = float(luminance(np.array(ink, dtype=np.uint8))) > 0.18
    pole = 0.12 * mean if light else 255 - 0.12 * (255 - mean)
    for density in np.arange(0.15, 1.0, 0.1):
        share = (density * soft)[..., None].astype(np.float32)
        veil = np.rint(picture * (1 - share) + pole.astype(np.float32) * share).astype(np.uint8)
        if worst(ink, luminance(veil[under])) >= needed:
            break
    return veil, float(density)
