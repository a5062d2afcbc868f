"""The study from corpus to page, with a tiny KoBART, a tiny generator and a tiny CLIP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.corpus import build, make_up_songs
from scripts.operations import study
from tests.serve.tiny_models import write_clip, write_generator


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    songs = folder / "songs.jsonl"
    assert make_up_songs.main([str(songs), "--songs", "60"]) == 0
    words = [str(folder / "corpus"), "--table", str(songs), "--workers", "1", "--validation", "0.2"]
    assert build.main(words) == 0
    return folder / "corpus"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("models")
    write_generator(folder / "generator")
    write_clip(folder / "clip")
    return ["--generator", str(folder / "generator"), "--reranker", f"local-dir:{folder / 'clip'}"]


@pytest.mark.usefixtures("_offline")
def test_a_corpus_becomes_a_study(
    corpus: Path, models: list[str], kobart: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    words = [str(corpus), "--run", str(run), "--model", str(kobart), *models, "--threads", "1"]
    words += ["--epochs", "2", "--lr", "1e-2", "--num-beams", "1", "--max-length", "12"]
    words += ["--songs", "3", "--candidates", "2"]
    assert study.main(words) == 0
    figures = json.loads((run / "study.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in figures["by_summary"]] == ["pretrained", "own", "natural"]
    natural = figures["by_summary"][2]
    assert natural["own"] == natural["reference"], "the reference is the natural summary's prompt"
    names = [row["name"] for row in figures["by_transformation"]]
    assert len(names) == 6
    assert names[-1] == "all together"
    assert all(
        set(example) == {"title", "pretrained", "own", "natural"}
        for example in figures["summaries"]
    )
    history = figures["histories"]["denoise"]
    assert history[-1]["loss"] < history[0]["loss"]
    html = (run / "study.html").read_text(encoding="utf-8")
    assert html.count("<figure>") == 2 + 3
    assert figures["summaries"][0]["natural"] in html
    with pytest.raises(SystemExit, match="add --resume"):
        study.main(words)
    model = (run / "model" / "model.safetensors").stat().st_mtime_ns
    assert study.main([*words, "--resume"]) == 0  # only draws anew
    assert (run / "model" / "model.safetensors").stat().st_mtime_ns == model
    assert json.loads((run / "study.json").read_text(encoding="utf-8")) == figures


def test_songs_without_summaries_are_no_study(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in corpus.glob("*.json*"):
        text = path.read_text(encoding="utf-8").replace('"summary"', '"other"')
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit):
        study.main([str(tmp_path), "--run", str(tmp_path / "run")])
    assert "no song has a summary" in capsys.readouterr().err
