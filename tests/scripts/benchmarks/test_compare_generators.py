from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.benchmarks import compare_generators
from tests.imagegen.denoisers.tiny_pipelines import PIXELS, write_pipeline
from tests.serve.tiny_models import write_clip, write_generator


def test_two_generators_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generator, clip = write_generator(tmp_path / "tiny"), write_clip(tmp_path / "clip")
    prompts, out = tmp_path / "prompts.txt", tmp_path / "out"
    prompts.write_text("the sea at night\n\na pretty dream\n")
    words = [generator, generator, "--prompts", prompts, "--out", out, "--runtime", "torch"]
    words += ["--candidates", 3, "--show", 2, "--threads", 1, "--reranker", f"local-dir:{clip}"]
    compare_generators.main([str(word) for word in words])
    comparison = json.loads((out / "comparison.json").read_text())
    assert (comparison["prompts"], comparison["candidates"]) == (2, 3)
    assert comparison["clip_score_difference"] == 0.0  # the same model and seeds
    assert comparison["clip_score_difference_95"] == [0.0, 0.0]
    first, second = comparison["generators"]
    assert first["clip_score_best_of_set"] >= first["clip_score_mean"]
    assert first["clip_score_mean"] == second["clip_score_mean"]
    assert 0 < first["spread_mean"] == second["spread_mean"] < 2
    assert Image.open(out / "comparison.png").size == (2 * 128, 4 * (128 + 18))
    assert "Second less first" in capsys.readouterr().out


def test_an_empty_file_of_prompts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("\n\n")
    with pytest.raises(SystemExit):
        compare_generators.main(["embedded", "embedded", "--prompts", str(tmp_path / "none.txt")])


def test_prompts_in_another_encoding_are_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prompts.txt").write_bytes("등불".encode("cp949"))
    words = ["embedded", "embedded", "--prompts", str(tmp_path / "prompts.txt")]
    with pytest.raises(SystemExit):
        compare_generators.main(words)
    assert "prompts.txt is not UTF-8, but probably CP949" in capsys.readouterr().err


def test_a_denoiser_beside_a_code_model(tmp_path: Path) -> None:
    generator, clip = write_generator(tmp_path / "tiny"), write_clip(tmp_path / "clip")
    pipeline = write_pipeline("stable_diffusion", tmp_path / "denoiser")
    words = [generator, pipeline, "--out", tmp_path, "--runtime", "torch", "--candidates", 2]
    words += ["--threads", 1, "--reranker", f"local-dir:{clip}", "--steps", 2, "--side", PIXELS]
    (tmp_path / "prompts.txt").write_text("the sea at night\n")
    words += ["--prompts", tmp_path / "prompts.txt", "--show", 2]
    compare_generators.main([str(word) for word in words])
    comparison = json.loads((tmp_path / "comparison.json").read_text())
    assert [one["generator"] for one in comparison["generators"]] == [
        str(generator),
        str(pipeline),
    ]


def test_the_spread_is_the_mean_distance_of_pairs() -> None:
    one, other = np.eye(2, dtype=np.float32)
    assert compare_generators.spread(np.stack([one, one, one])) == 0.0
    assert compare_generators.spread(np.stack([one, other])) == 1.0
    assert compare_generators.spread(np.stack([one, one, other])) == pytest.approx(2 / 3)
    assert compare_generators.spread(np.stack([one])) == 0.0
