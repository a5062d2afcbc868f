"""The ten sleeves, small: every one keeps the stores' rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from scripts.evaluation import draw_sleeves


def test_sleeves_are_drawn_checked_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draw_sleeves, "RELEASES", draw_sleeves.RELEASES[:2])
    sheet = tmp_path / "sheet.png"
    arguments = ["--out", str(tmp_path), "--sheet", str(sheet), "--size", "300"]
    assert draw_sleeves.main(arguments) == 0
    assert "0 rules broken" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.glob("*.jpg")) == ["01.jpg", "02.jpg", "03.jpg"]
    with Image.open(sheet) as image:
        assert image.width == draw_sleeves.COLUMNS * draw_sleeves.THUMBNAIL
