from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.training import compose_scenes
from scripts.training.scenes.art import load_concepts


def run(art: Path, *arguments: object) -> None:
    words = ["--art", art, "--size", 64, *arguments]
    compose_scenes.main([str(word) for word in words])


def test_a_sheet_to_look_at(shape_art: Path, tmp_path: Path) -> None:
    run(shape_art, "--sheet", tmp_path / "sheet.png", "--count", 10)
    sheet = Image.open(tmp_path / "sheet.png")
    assert sheet.size == (8 * 64, 2 * (64 + compose_scenes.CAPTION_HEIGHT))
    caption = np.asarray(sheet)[64 : 64 + compose_scenes.CAPTION_HEIGHT, :64]
    assert (caption < 128).any()  # black on white


def test_a_folder_to_train_on(
    shape_art: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shape_art, "--folder", tmp_path / "scenes", "--count", 3, "--first", 7)
    lines = (tmp_path / "scenes" / "captions.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    assert [entry["file"] for entry in entries] == [f"{n:08d}.png" for n in (7, 8, 9)]
    assert all(entry["caption"] and "setting" in entry for entry in entries)
    assert all(Image.open(tmp_path / "scenes" / e["file"]).size == (64, 64) for e in entries)
    assert "3/3" in capsys.readouterr().out


def test_every_drawing_on_one_sheet(shape_art: Path, tmp_path: Path) -> None:
    run(shape_art, "--sets", "twemoji", "--concepts", tmp_path / "concepts.png")
    with Image.open(tmp_path / "concepts.png") as sheet:
        assert sheet.width == 24 * 64
        assert sheet.height // 76 == -(-len(load_concepts()) // 24)


def test_a_part_is_held_fixed(shape_art: Path, tmp_path: Path) -> None:
    fixed = ("--setting", "desert", "--light", "night", "--concept", "cat")
    run(shape_art, "--folder", tmp_path / "scenes", "--count", 3, *fixed)
    lines = (tmp_path / "scenes" / "captions.jsonl").read_text(encoding="utf-8").splitlines()
    for entry in map(json.loads, lines):
        assert (entry["setting"], entry["light"], entry["concept"]) == ("desert", "night", "cat")


def test_says_the_rate(
    shape_art: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose_scenes, "WARM_UP", 5)
    monkeypatch.setattr(compose_scenes, "MEASURED", 0.1)
    run(shape_art, "--rate")
    assert "scenes/s on one core" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [([], "choose what to make"), (["--rate", "--count", "0"], "at least 1")],
)
def test_says_what_to_change(
    arguments: list[str], complaint: str, shape_art: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(shape_art, *arguments)
    assert complaint in capsys.readouterr().err


def test_names_the_missing_art(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(tmp_path, "--rate")
    assert "fetch_art.py" in capsys.readouterr().err
