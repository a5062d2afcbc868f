"""The image models' training scripts end to end: tokenizer, RQ-VAE, RQ-Transformer, contact sheet."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from scripts.common import draw_sheet
from scripts.training import train_rqtransformer, train_rqvae, train_tokenizer
from scripts.training.rqtransformer.batches import some_positions
from scripts.training.rqtransformer.trainer import depth_losses
from songdalle_core.imagegen.model.generator import load_generator, load_rqvae
from songdalle_core.imagegen.model.tokenizer import PromptTokenizer


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def tokenizer(runs: Path, shape_art: Path) -> Path:
    path, lexicon = runs / "tokenizer.json", runs / "lexicon.tsv"
    lexicon.write_text("# lemma\tpos\tenglish\tpicturable\n등대\tnoun\tlighthouse\tyes\n" * 50)
    arguments = ["--art", shape_art, "--sets", "shapes", "--out", path, "--captions", 300]
    arguments += ["--vocab-size", 600, "--lexicon", lexicon]
    train_tokenizer.main([str(a) for a in arguments])
    return path


@pytest.fixture(scope="module")
def rqvae(runs: Path, shape_art: Path) -> Path:
    arguments = ["--art", shape_art, "--sets", "shapes", "--out", runs / "rqvae", "--steps", 4]
    arguments += ["--batch", 4, "--save-every", 2, "--eval-scenes", 4, "--threads", 1]
    assert train_rqvae.main([str(a) for a in arguments]) == 0
    return runs / "rqvae"


@pytest.fixture(scope="module")
def generator(runs: Path, shape_art: Path, rqvae: Path, tokenizer: Path) -> Path:
    train_rqtransformer.run(transformer_arguments(runs, shape_art, rqvae, tokenizer, steps=3))
    shutil.copytree(runs / "generator", runs / "first")
    return runs / "generator"


def transformer_arguments(
    runs: Path, art: Path, rqvae: Path, tokenizer: Path, steps: int
) -> argparse.Namespace:
    arguments = ["--art", art, "--sets", "shapes", "--rqvae", rqvae, "--tokenizer", tokenizer]
    arguments += ["--out", runs / "generator", "--steps", steps, "--batch", 4, "--width", 32]
    arguments += ["--save-every", 3, "--eval-scenes", 4, "--threads", 1]
    return train_rqtransformer.parser().parse_args([str(a) for a in arguments])


def test_tokenizer_knows_captions_and_lexicon(tokenizer: Path) -> None:
    prompt = PromptTokenizer.from_file(tokenizer, 32)
    assert prompt.pad == 0
    ids = prompt.encode("a painting of a lighthouse").tolist()
    assert ids.index(0) <= 6  # whole words, or nearly
    assert 1 not in ids  # nothing unknown


def test_rqvae_is_exported_whole(rqvae: Path) -> None:
    model = load_rqvae(rqvae)
    metrics = json.loads((rqvae / "metrics.json").read_text())
    assert metrics["step"] == 4
    assert metrics["psnr_db"] > 3
    assert not model.training
    assert Image.open(rqvae / "reconstructions.png").size == (8 * 128, 4 * 128)


def test_generator_is_exported_whole_and_draws(generator: Path, tmp_path: Path) -> None:
    loaded = load_generator(generator)
    assert loaded.resolution == 128
    sheet = tmp_path / "sheet.png"
    arguments = ["--generator", generator, "--reranker", "none", "--candidates", 2, "--out", sheet]
    draw_sheet.main([*(str(a) for a in arguments), "--threads", "1", "a balloon in the sky"])
    assert np.asarray(Image.open(sheet)).shape == (128 + 18, 256, 3)


def test_training_resumes_where_it_stopped(
    runs: Path, shape_art: Path, rqvae: Path, tokenizer: Path, generator: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    before = torch.load(generator / "checkpoint.pt", weights_only=True)
    train_rqtransformer.run(transformer_arguments(runs, shape_art, rqvae, tokenizer, steps=4))
    assert "resuming at step 3" in capsys.readouterr().out
    after = torch.load(generator / "checkpoint.pt", weights_only=True)
    assert (before["step"], after["step"]) == (3, 4)
    moved = [not torch.equal(before["model"][k], after["model"][k]) for k in before["model"]]
    assert any(moved)


def test_two_workers_train_what_one_does(
    runs: Path, shape_art: Path, rqvae: Path, tokenizer: Path, generator: Path
) -> None:
    arguments = ["--art", shape_art, "--sets", "shapes", "--rqvae", rqvae, "--tokenizer", tokenizer]
    arguments += ["--out", runs / "team", "--steps", 3, "--batch", 4, "--width", 32]
    arguments += ["--save-every", 3, "--eval-scenes", 4, "--threads", 1]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    subprocess.run(
        [*launcher, "--nproc-per-node=2", train_rqtransformer.__file__, *map(str, arguments)],
        check=True,
        timeout=300,
    )
    alone, team = (
        torch.load(runs / name / "checkpoint.pt", weights_only=True) for name in ("first", "team")
    )
    for name, value in alone["model"].items():
        assert torch.allclose(value, team["model"][name], atol=1e-4), name


def test_training_begins_with_given_weights_and_goes_on_to_new_scenes(
    runs: Path, shape_art: Path, rqvae: Path, tokenizer: Path, generator: Path
) -> None:
    args = transformer_arguments(runs, shape_art, rqvae, tokenizer, steps=1)
    args.start, args.out, args.lr = runs / "first", runs / "further", 1e-9
    train_rqtransformer.run(args)
    began, ended = (
        load_generator(folder).transformer.state_dict() for folder in (args.start, args.out)
    )
    assert all(torch.allclose(value, ended[name], atol=1e-5) for name, value in began.items())
    metrics = json.loads((args.out / "metrics.json").read_text())
    assert metrics["scenes"] == 3 * 4 + 4
    assert metrics["started_from"] == str(args.start)


def test_the_head_learns_from_positions_given_by_the_seed(generator: Path) -> None:
    model = load_generator(generator)
    codes = torch.randint(0, model.rqvae.config.n_embed, (2, 64, 4))
    texts = torch.stack([model.tokenizer.encode("a balloon"), model.tokenizer.encode("the sea")])
    chosen = some_positions(range(5, 7), 64, 16)
    assert chosen.shape == (2, 16)
    assert all(len(set(row.tolist())) == 16 for row in chosen)
    assert torch.equal(some_positions(range(6, 7), 64, 16)[0], chosen[1])
    parts = [
        depth_losses(model.transformer, model.rqvae, codes, texts, positions)
        for positions in (None, torch.arange(32).expand(2, -1), torch.arange(32, 64).expand(2, -1))
    ]
    assert torch.allclose(parts[0], (parts[1] + parts[2]) / 2, atol=1e-4)
