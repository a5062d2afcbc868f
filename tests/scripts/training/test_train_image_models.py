"""The image models' training scripts end to end: tokenizer, RQ-VAE, RQ-Transformer, contact sheet."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from scripts.common import draw_sheet
from scripts.training import train_rqtransformer, train_rqvae, train_tokenizer
from scripts.training.common import Progress, cosine
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
    train_rqvae.train(train_rqvae.parse([str(a) for a in arguments]))
    return runs / "rqvae"


@pytest.fixture(scope="module")
def generator(runs: Path, shape_art: Path, rqvae: Path, tokenizer: Path) -> Path:
    train_rqtransformer.train(transformer_arguments(runs, shape_art, rqvae, tokenizer, steps=3))
    shutil.copytree(runs / "generator", runs / "first")
    return runs / "generator"


def transformer_arguments(
    runs: Path, art: Path, rqvae: Path, tokenizer: Path, steps: int
) -> train_rqtransformer.argparse.Namespace:
    arguments = ["--art", art, "--sets", "shapes", "--rqvae", rqvae, "--tokenizer", tokenizer]
    arguments += ["--out", runs / "generator", "--steps", steps, "--batch", 4, "--width", 32]
    arguments += ["--save-every", 3, "--eval-scenes", 4, "--threads", 1]
    return train_rqtransformer.parse([str(a) for a in arguments])


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
    train_rqtransformer.train(transformer_arguments(runs, shape_art, rqvae, tokenizer, steps=4))
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
    train_rqtransformer.train(args)
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
    chosen = train_rqtransformer.some_positions(range(5, 7), 64, 16)
    assert chosen.shape == (2, 16)
    assert all(len(set(row.tolist())) == 16 for row in chosen)
    assert torch.equal(train_rqtransformer.some_positions(range(6, 7), 64, 16)[0], chosen[1])
    parts = [
        train_rqtransformer.depth_losses(model.transformer, model.rqvae, codes, texts, positions)
        for positions in (None, torch.arange(32).expand(2, -1), torch.arange(32, 64).expand(2, -1))
    ]
    assert torch.allclose(parts[0], (parts[1] + parts[2]) / 2, atol=1e-4)


def test_schedule_warms_up_and_decays() -> None:
    rates = [cosine(step, 100, 1.0, warmup=10) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 0.06
    assert all(a >= b for a, b in pairwise(rates[10:]))


def test_freed_memory_is_kept_where_the_c_library_can() -> None:
    script = (
        "import resource, sys, torch\n"
        "from scripts.training.common import keep_memory\n"
        "kept = sys.argv[1] == 'keep' and keep_memory()\n"
        "for _ in range(40): torch.ones(16_000_000)\n"  # 64 MB: 15,600 pages
        "print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt)"
    )
    kept, faults = zip(
        *(
            subprocess.run(
                [sys.executable, "-c", script, way],
                capture_output=True,
                text=True,
                check=True,
                timeout=120,
            ).stdout.split()
            for way in ("keep", "give back")
        ),
        strict=True,
    )
    assert kept[0] == "False" or int(faults[0]) < int(faults[1]) / 2


def test_progress_says_how_long_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(steps=2, batch=8)
    progress.update(0, loss=1.0)
    progress.update(1, loss=3.0)
    line = capsys.readouterr().out
    assert "step 2/2" in line
    assert "loss 2.0000" in line
    assert "min left" in line
