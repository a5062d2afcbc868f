"""Pictures of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from scripts.training.curves import draw_confusions, draw_curves

HISTORY = [{"step": step, "loss": 1 / step, "share": step / 100} for step in (10, 20, 30)]


def test_a_panel_each(tmp_path: Path) -> None:
    sizes = []
    for panels in ({"loss": ("loss",)}, {"loss": ("loss",), "shares": ("share", "loss")}):
        draw_curves(HISTORY, panels, tmp_path / "curves.png")
        with Image.open(tmp_path / "curves.png") as picture:
            sizes.append(picture.size)
            assert len(picture.convert("RGB").getcolors(100_000) or []) > 5
    assert sizes == [(550, 400), (1100, 400)]


def test_confusions_are_shaded_by_share(tmp_path: Path) -> None:
    draw_confusions(np.array([[9, 1], [0, 0]]), ("a", "b"), tmp_path / "confusions.png")
    with Image.open(tmp_path / "confusions.png") as picture:
        assert min(picture.size) > 400
        assert len(picture.convert("L").getcolors() or []) > 5
