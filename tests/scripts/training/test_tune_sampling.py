from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from scripts.training import tune_sampling
from scripts.training.tune_sampling import Tried, choose
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.imagegen.model.options import SamplingOptions
from tests.serve.tiny_models import write_clip, write_generator


def tried(guidance: float, *best: float) -> Tried:
    return Tried(
        SamplingOptions(guidance=guidance), np.array([[score - 1, score] for score in best])
    )


def test_a_clear_gain_is_taken_and_a_doubtful_one_is_not() -> None:
    first, clear, doubtful = tried(1, 0, 0, 0), tried(2, 1, 1.1, 0.9), tried(3, 3, 1, -0.8)
    assert choose([first, clear, doubtful]) is clear
    assert choose([clear, first]) is clear


def test_the_best_setting_becomes_the_models_own(tmp_path: Path) -> None:
    generator, clip = write_generator(tmp_path / "tiny"), write_clip(tmp_path / "clip")
    (tmp_path / "prompts.txt").write_text("the sea\na dream\n")
    words = ["--generator", generator, "--reranker", f"local-dir:{clip}", "--write", "--threads", 1]
    words += ["--prompts", tmp_path / "prompts.txt", "--candidates", 2, "--guidance", "1,4"]
    words += ["--temperature", "0.8", "--top-k", "5", "--json", tmp_path / "figures.json"]
    tune_sampling.main([str(word) for word in words])
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert [one["guidance"] for one in figures["tried"]] == [1.0, 4.0]
    own = load_generator(generator).sampling
    assert (own.temperature, own.top_k) == (0.8, 5)
    assert own.guidance == figures["best"]["guidance"]
