"""The picture of a training run, from the histories its steps leave."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from scripts.training.common import recall, remember
from scripts.training.draw_training import PANELS, main


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of three measures a step."""
    for folder in {folder for folder, _ in PANELS.values()}:
        (tmp_path / folder).mkdir()
        names = [
            name for where, all_names in PANELS.values() if where == folder for name in all_names
        ]
        for step in (10, 20, 30):
            remember(tmp_path / folder, step, {name: step / 100 for name in names})
    return tmp_path


def test_a_panel_each(run: Path) -> None:
    out = run / "training.png"
    assert main(["--run", str(run), "--out", str(out)]) == 0
    with Image.open(out) as picture:
        assert picture.width > 3 * picture.height


def test_what_was_not_trained_has_no_panel(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run / "training.png"
    for folder, panels in (("rqvae", 2), ("rqtransformer", 1)):
        (run / folder / "history.jsonl").unlink()
        assert main(["--run", str(run), "--out", str(out)]) == 0
        with Image.open(out) as picture:
            assert picture.width == panels * 4 * 90
    (run / "clip" / "history.jsonl").unlink()
    with pytest.raises(SystemExit):
        main(["--run", str(run), "--out", str(out)])
    assert "has a history" in capsys.readouterr().err


def test_what_was_measured_before_an_interruption_is_measured_again(tmp_path: Path) -> None:
    for step in (10, 20, 30):
        remember(tmp_path, step, {"loss": 1.0})
    remember(tmp_path, 20, {"loss": 0.5})
    assert recall(tmp_path) == [{"step": 10, "loss": 1.0}, {"step": 20, "loss": 0.5}]
