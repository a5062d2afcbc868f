"""The comparison of ways to enlarge."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from scripts.benchmarks.benchmark_upscaling import WAYS, compare, main
from tests.release.pictures import disc


def test_every_way_is_measured_and_nearest_neighbours_are_worst(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, _ = disc(240)
    ratios = {name: whole for name, whole, _, _ in compare([picture], 4)}
    assert set(ratios) == set(WAYS)
    assert min(ratios, key=ratios.__getitem__) == "nearest"
    assert max(ratios.values()) > ratios["nearest"] + 1
    Image.fromarray(picture).save(tmp_path / "disc.png")
    assert main([str(tmp_path / "disc.png"), "--factor", "2"]) == 0
    assert "1 pictures, enlarged 2 times" in capsys.readouterr().out
