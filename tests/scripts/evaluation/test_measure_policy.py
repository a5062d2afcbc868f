from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.evaluation import measure_policy
from tests.serve.tiny_models import write_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"local-dir:{write_clip(tmp_path_factory.mktemp('models') / 'clip')}"


def test_scenes_are_measured(shape_art: Path, clip: str, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    words = ["--art", str(shape_art), "--scenes", "30"]
    assert measure_policy.main([*words, "--reranker", clip, "--json", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert figures["pictures"] == 30
    assert figures["captions_refused"] == []
    assert list(figures["subjects"]) == ["nudity", "gore", "hateful_symbols", "real_face"]
    for quantiles in figures["subjects"].values():
        share = quantiles.pop("withheld")
        values = list(quantiles.values())
        assert (share > 0) == (values[-1] >= figures["threshold"])
        assert values == sorted(values)
        assert 0 < values[0] <= values[-1] < 1


def test_a_folder_is_measured(
    clip: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep").mkdir()
    for number, size in enumerate([(64, 64), (300, 200)]):
        noise = np.random.default_rng(number).integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / "deep" / f"{number}.png")
    (tmp_path / "deep" / "notes.txt").write_text("no picture")
    measure_policy.main(["--folder", str(tmp_path), "--reranker", clip])
    assert "2 pictures" in capsys.readouterr().out


def test_no_pictures_is_said(clip: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no pictures"):
        measure_policy.main(["--folder", str(tmp_path), "--reranker", clip])
