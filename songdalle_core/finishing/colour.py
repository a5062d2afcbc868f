"""Colours: float32 sRGB in [0, 1] unless said otherwise; CIE L*a*b* where distance or lightness matters."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.scene import Floats


def of_hex(codes: Iterable[str]) -> Floats:
    """Colours written as "1a2b3c", (N, 3)."""
    values = [[int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)] for code in codes]
    return np.array(values, dtype=np.float32)


def to_lab(rgb: npt.ArrayLike) -> Floats:
    """sRGB (..., 3) to L*a*b* (L 0..100)."""
    values = np.ascontiguousarray(rgb, dtype=np.float32)
    lab = cv2.cvtColor(values.reshape(-1, 1, 3), cv2.COLOR_RGB2Lab)
    return np.asarray(lab, dtype=np.float32).reshape(values.shape)


def to_rgb(lab: npt.ArrayLike) -> Floats:
    """L*a*b* (..., 3) to sRGB, clipped to its gamut."""
    values = np.ascontiguousarray(lab, dtype=np.float32)
    rgb = cv2.cvtColor(values.reshape(-1, 1, 3), cv2.COLOR_Lab2RGB).reshape(values.shape)
    return np.clip(rgb, 0, 1)


def luma(rgb: Floats) -> Floats:
    """Perceived brightness of (..., 3), by Rec. 601."""
    return np.asarray(rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32), dtype=np.float32)


def mixed(first: Floats, second: Floats, share: float) -> Floats:
    """`first` with a share of `second`."""
    return np.asarray(first + (second - first) * np.float32(share), dtype=np.float32)
