"""The adapter over a module that acts like NudeNet's; the real one is AGPL-3.0 and not installed here."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from songdalle_core.policy.nudenet import NudeNet


class Detector:
    """Finds what the colour of a picture's first pixel says; pictures come blue first, as OpenCV's."""

    def detect_batch(self, images: list[Any], batch_size: int = 4) -> list[list[dict[str, Any]]]:
        assert all(image.flags["C_CONTIGUOUS"] for image in images)
        return [self._parts(*image[0, 0]) for image in images]

    def _parts(self, blue: int, green: int, red: int) -> list[dict[str, Any]]:
        names = {
            "FACE_FEMALE": blue,
            "BUTTOCKS_EXPOSED": green,
            "FEMALE_BREAST_EXPOSED": red,
            "FEMALE_BREAST_COVERED": blue,
            "FEET_EXPOSED": blue,
        }
        return [
            {"class": name, "score": level / 255, "box": [0, 0, 9, 9]}
            for name, level in names.items()
            if level
        ]


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> NudeNet:
    monkeypatch.setitem(sys.modules, "nudenet", SimpleNamespace(NudeDetector=Detector))
    return NudeNet()


def test_the_surest_exposed_part_counts(detector: NudeNet) -> None:
    images = np.zeros((4, 8, 8, 3), dtype=np.uint8)
    images[1, ..., :] = 51, 102, 0  # red and green: a breast at 0.2, buttocks at 0.4
    images[2, ..., :] = 255, 0, 0
    images[3, ..., :] = 0, 0, 255  # a face, feet and what is covered
    np.testing.assert_allclose(detector.exposure(images), [0, 0.4, 1, 0])


def test_no_pictures(detector: NudeNet) -> None:
    assert detector.exposure(np.zeros((0, 8, 8, 3), dtype=np.uint8)).shape == (0,)


def test_a_missing_package_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "nudenet", None)
    with pytest.raises(ValueError, match="pip install nudenet"):
        NudeNet()


def test_it_is_named_in_one_file_and_in_no_lock() -> None:
    root = Path(__file__).resolve().parents[2]
    sources = [
        path
        for top in ("songdalle_core", "deployments", "scripts")
        for path in (root / top).rglob("*.py")
    ]
    importing = re.compile(r"""^\s*(import|from) nudenet|import_module\(["']nudenet""", re.M)
    names = [path.name for path in sources if importing.search(path.read_text(encoding="utf-8"))]
    assert names == ["nudenet.py"]
    assert "nudenet" not in (root / "requirements.lock").read_text()
