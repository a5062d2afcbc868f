"""Where a picture is calm enough for type: away from its subject, from edges and from changes of light.

Saliency by the spectral residual: Hou and Zhang, "Saliency Detection: A Spectral Residual Approach", CVPR 2007.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in sides of the picture."""

SIDE = 128
"""Pixels a side of the maps."""
_SPECTRAL = 64
_SUBJECT, _EDGES, _SPREAD = 3.0, 1.0, 2.0  # weights of what disturbs


def spectral_residual(grey: Floats) -> Floats:
    """Saliency (64, 64), 0 to 1, of a grey picture (64, 64)."""
    spectrum = np.fft.fft2(grey)
    log = np.log(np.abs(spectrum) + 1e-6).astype(np.float32)
    residual = log - cv2.blur(log, (3, 3), borderType=cv2.BORDER_REPLICATE)
    back = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    soft = cv2.GaussianBlur(back.astype(np.float32), (0, 0), 3)
    return np.asarray(soft / max(float(soft.max()), 1e-9), dtype=np.float32)


class Calm:
    """What type would cover in a picture.

    Args:
        picture: uint8 (S, S, 3).
        subject: uint8 (N, N) coverage by the subject where it is known; else saliency stands for it.
    """

    def __init__(self, picture: Pixels, subject: Pixels | None = None) -> None:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        small = (
            cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        )
        if subject is None or not subject.any():
            tiny = cv2.resize(small, (_SPECTRAL, _SPECTRAL), interpolation=cv2.INTER_AREA)
            shown = cv2.resize(spectral_residual(np.asarray(tiny, np.float32)), (SIDE, SIDE))
        else:
            shown = cv2.resize(subject, (SIDE, SIDE), interpolation=cv2.INTER_AREA) / np.float32(
                255
            )
        edges = np.hypot(cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1))
        self._subject, self._edges = _sums(shown), _sums(np.minimum(edges, 1))
        self._light, self._squares = _sums(small), _sums(small**2)

    def cost(self, box: Box) -> float:
        """How much type in a box would disturb; 0 for an even ground."""
        left, top, right, bottom = (min(SIDE, max(0, round(edge * SIDE))) for edge in box)
        area = max(1, (right - left) * (bottom - top))

        def mean(sums: npt.NDArray[np.float64]) -> float:
            total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
            return float(total) / area

        spread = max(0.0, mean(self._squares) - mean(self._light) ** 2) ** 0.5
        return _SUBJECT * mean(self._subject) + _EDGES * mean(self._edges) + _SPREAD * spread

    def subject_in(self, box: Box) -> float:
        """Share of the subject that lies in a box."""
        left, top, right, bottom = (min(SIDE, max(0, round(edge * SIDE))) for edge in box)
        sums = self._subject
        total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return float(total) / max(float(sums[-1, -1]), 1e-9)


def _sums(plane: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(
        cv2.integral(np.ascontiguousarray(plane, dtype=np.float32), sdepth=cv2.CV_64F),
        dtype=np.float64,
    )
