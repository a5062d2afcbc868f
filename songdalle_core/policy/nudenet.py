"""A second opinion on nudity by NudeNet's detector: https://github.com/notAI-tech/NudeNet.

Its licence is AGPL-3.0 and it is no dependency of this project: it is imported here, only when the
configuration asks for it, and installed by whoever wants it.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import numpy.typing as npt

SUBJECT = "nudity"
SIDE = 320
"""Pixels a side that the detector sees; it reduces larger pictures itself."""
EXPOSED = frozenset(
    f"{part}_EXPOSED"
    for part in (
        "FEMALE_BREAST", "FEMALE_GENITALIA", "MALE_GENITALIA", "ANUS", "BUTTOCKS",
    )
)  # fmt: skip


class NudeNet:
    """The detector that the package ships."""

    def __init__(self) -> None:
        """Load it.

        Raises:
            ValueError: the package is not installed.
        """
        try:
            package: Any = importlib.import_module("nudenet")
        except ImportError as error:
            raise ValueError(
                "policy.nudenet is on, but nudenet cannot be imported: pip install nudenet "
                f"(AGPL-3.0), or switch it off ({error})"
            ) from error
        self._detector = package.NudeDetector()
        self.side = SIDE

    def exposure(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """The detector's confidence that something is exposed.

        Args:
            images: uint8 RGB, (N, H, W, 3).

        Returns:
            (N,), 0 to 1, the highest of a picture's detections; 0 without any.
        """
        blue_first = [np.ascontiguousarray(image[..., ::-1]) for image in images]
        detections = self._detector.detect_batch(blue_first) if blue_first else []
        scores = [
            max((part["score"] for part in parts if part["class"] in EXPOSED), default=0.0)
            for parts in detections
        ]
        return np.array(scores, dtype=np.float64)
