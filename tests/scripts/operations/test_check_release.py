"""The checker of release files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from scripts.operations.check_release import main
from songdalle_core.provenance import CoverMetadata
from songdalle_core.release.files import encode
from tests.release.pictures import half_busy


def test_a_fit_file_and_one_that_breaks_a_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit, small = tmp_path / "fit.jpg", tmp_path / "small.png"
    fit.write_bytes(encode(half_busy(1000), "jpeg", CoverMetadata("", 0, "")).content)
    Image.fromarray(half_busy(300)).save(small)
    assert main(["--size", "1000", str(fit)]) == 0
    assert capsys.readouterr().out == f"{fit}: fit for release\n"
    assert main(["--size", "1000", str(fit), str(small)]) == 1
    said = capsys.readouterr().out
    assert f"{small}: BROKEN: 1000 pixels a side: 300 x 300" in said
    assert f"{small}: 3 rules broken" in said  # size, profile, mark


def test_all_rules_are_shown_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fit.jpg"
    file.write_bytes(encode(half_busy(1000), "jpeg", CoverMetadata("", 0, "")).content)
    assert main(["--all", "--size", "1000", str(file)]) == 0
    assert capsys.readouterr().out.count(": kept: ") == 11


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.jpg").write_text("text")
    assert main([str(tmp_path / "text.jpg"), str(tmp_path / "nothing.jpg")]) == 2
    said = capsys.readouterr().err
    assert "no picture that can be read" in said
    assert "nothing.jpg" in said
