"""The image models' training scripts end to end: tokenizer, RQ-VAE, RQ-Transformer, generator, its layers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from scripts.common import draw_sheet
from scripts.training import (
    collect_weights,
    train_rqtransformer,
    train_rqvae,
    train_tokenizer,
)
from scripts.training.clip.layers import drawn_layers
from scripts.training.content.codes import CachedCodes
from scripts.training.scenes.composer import LAYER_SIDE
from scripts.training.train_rqtransformer import word_tokenizer
from songdalle_core.artifacts import read_sums
from songdalle_core.imagegen.model.generator import load_generator, load_rqvae
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer

LAYERS = 24


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


def rqvae_words(art: Path, out: Path, layers: int = LAYERS, steps: int = 2) -> list[str]:
    words = ["--art", art, "--out", out, "--layers", layers, "--steps", steps, "--batch", 4]
    return [str(word) for word in (*words, "--save-every", 2, "--threads", 1)]


@pytest.fixture(scope="module")
def rqvae(run: Path, shape_art: Path) -> Path:
    assert train_rqvae.main(rqvae_words(shape_art, run / "rqvae")) == 0
    return run / "rqvae"


@pytest.fixture(scope="module")
def generator(run: Path, rqvae: Path) -> Path:
    words = ["--rqvae", rqvae, "--out", run / "rqtransformer", "--steps", 2, "--batch", 4]
    words += ["--width", 32, "--save-every", 2, "--threads", 1]
    assert train_rqtransformer.main([str(word) for word in words]) == 0
    weights = run / "weights"
    assert collect_weights.main(["--run", str(run), "--weights", str(weights)]) == 0
    return weights / "generator"


def test_tokenizer_knows_captions_and_lexicon(run: Path, shape_art: Path) -> None:
    path, lexicon = run / "tokenizer.json", run / "lexicon.tsv"
    lexicon.write_text("# lemma\tpos\tenglish\tpicturable\n등대\tnoun\tlighthouse\tyes\n" * 50)
    words = ["--art", shape_art, "--out", path, "--captions", 300]
    words += ["--vocab-size", 600, "--lexicon", lexicon]
    assert train_tokenizer.main([str(word) for word in words]) == 0
    prompt = PromptTokenizer.from_file(path, 32)
    assert prompt.pad == 0
    ids = prompt.encode("a painting of a lighthouse").tolist()
    assert ids.index(0) <= 6  # whole words, or nearly
    assert 1 not in ids  # nothing unknown


def test_captions_of_layers_are_read_word_by_word() -> None:
    tokenizer = word_tokenizer(["noto cat", "second flower field"])
    assert tokenizer.length == 3
    cat, unknown = tokenizer.encode_many(["noto cat", "noto dog"])
    assert cat[0] == unknown[0]
    assert (unknown[1], cat[2]) == (1, tokenizer.pad)


def test_rqvae_is_exported_whole(rqvae: Path) -> None:
    model, cached = load_rqvae(rqvae), CachedCodes.read(rqvae)
    assert cached is not None
    assert cached.codes.shape == (LAYERS, 8, 8, 4)
    for name, value in cached.frozen.items():
        if not name.startswith("post_quant_conv"):  # which is trained with the decoder
            assert torch.equal(value, model.state_dict()[name]), name
    metrics = json.loads((rqvae / "metrics.json").read_text())
    assert (metrics["step"], metrics["layers"]) == (2, LAYERS)
    assert metrics["psnr_db"] > 3
    assert Image.open(rqvae / "reconstructions.png").size == (16 * 128, 4 * 128)


def test_a_folder_of_other_layers_is_refused(
    rqvae: Path, shape_art: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        train_rqvae.main(rqvae_words(shape_art, rqvae, layers=LAYERS + 1))
    assert "other layers" in capsys.readouterr().err


def test_codes_have_to_be_there(tmp_path: Path) -> None:
    words = ["--rqvae", str(tmp_path), "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit, match=r"codes\.safetensors is missing"):
        train_rqtransformer.main(words)


def test_generator_is_exported_whole_and_draws(generator: Path, tmp_path: Path) -> None:
    loaded = load_generator(generator)
    assert loaded.planner is not None
    assert loaded.sampling == collect_weights.SAMPLING
    figures = json.loads((generator / "metrics.json").read_text())
    assert set(figures) == {"rqvae", "transformer"}
    listed = {f"generator/{path.name}" for path in generator.iterdir()}
    assert set(read_sums(generator.parent)) == listed
    sheet = tmp_path / "sheet.png"
    words = ["--generator", generator, "--reranker", "none", "--candidates", 2, "--out", sheet]
    draw_sheet.main([*(str(word) for word in words), "--threads", "1", "a heart by the sea"])
    assert np.asarray(Image.open(sheet)).shape == (512 + 18, 1024, 3)


def test_layers_are_drawn_by_the_generator_from_their_codes(generator: Path, rqvae: Path) -> None:
    drawn, cached = drawn_layers(generator, rqvae), CachedCodes.read(rqvae)
    assert cached is not None
    assert list(drawn) == cached.captions
    assert {layer.shape for layer in drawn.values()} == {(LAYER_SIDE, LAYER_SIDE, 4)}
    with pytest.raises(FileNotFoundError, match="codes"):
        drawn_layers(generator, generator)


def test_codes_of_another_rqvae_are_refused(generator: Path, rqvae: Path, tmp_path: Path) -> None:
    cached = CachedCodes.read(rqvae)
    assert cached is not None
    name = "quantizer.codebooks.0.weight"
    CachedCodes(
        cached.captions, cached.codes, {**cached.frozen, name: cached.frozen[name] + 1}
    ).write(tmp_path)
    with pytest.raises(ValueError, match="not made of"):
        drawn_layers(generator, tmp_path)
