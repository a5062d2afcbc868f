from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from scripts.benchmarks import benchmark_generator
from scripts.benchmarks.generator.machine import Limits, least_seconds
from scripts.benchmarks.generator.shapes import MEDIUM, load_shape
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.imagegen.model.rqtransformer import RQTransformer
from tests.serve.tiny_models import write_generator


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_generator(tmp_path_factory.mktemp("models") / "tiny")


def test_table_figures_and_picture(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written, plot = tmp_path / "figures.json", tmp_path / "plot.png"
    words = ["--shape", folder, "--candidates", "1,3", "--runs", 2, "--width", 2, "--threads", 1]
    words += ["--runtime", "torch", "--arrivals", "--json", written, "--plot", plot]
    benchmark_generator.main([str(word) for word in words])
    figures = json.loads(written.read_text())
    assert set(figures["ratio"]) == {"1", "3"}
    for measured in (*figures["engine"], *figures["textbook"]):
        assert measured["seconds"] > 0
        assert measured["spread"] >= 0
        assert measured["peak_megabytes"] > 50
        assert measured["images_per_second"] == pytest.approx(
            measured["candidates"] / measured["seconds"]
        )
    assert set(figures["arrivals"]) == {"together", "one at a time"}
    assert figures["arrivals_ratio"]["images_per_second"] > 0
    assert figures["limits"]["gflops"] > 1
    assert Image.open(plot).width > 500
    output = capsys.readouterr().out
    assert "Engine to textbook" in output
    assert output.count("| engine |") == 2


def test_the_limit_counts_every_product_once(folder: Path) -> None:
    generator = load_generator(folder)
    model, config = generator.transformer, generator.transformer.config
    twelve = 12 * config.embed_dim**2  # weights of a block's products, biases and norms aside
    body = config.body.n_layer * twelve
    head = config.head.n_layer * twelve + config.embed_dim * config.vocab_size
    operations = 2 * 2 * 3 * config.positions * (body + config.depth * head)
    expected = operations / 50e9
    assert least_seconds(generator, 3, Limits(50, 10)) == pytest.approx(expected, rel=0.05)
    assert model.config is config


def test_the_medium_shape_has_350_million_parameters() -> None:
    with torch.device("meta"):
        model = RQTransformer(MEDIUM)
    assert 340e6 < sum(p.numel() for p in model.parameters()) < 400e6


def test_names_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="350m"):
        load_shape("huge")


@pytest.mark.parametrize("words", [["--candidates", "0"], ["--candidates", "many"]])
def test_refuses_nonsense(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        benchmark_generator.parse(words)
