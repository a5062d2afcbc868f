"""Released checkpoints, rebuilt small in their exact format, give the figures of the code that made them.

`golden_checkpoints.json` holds, for four small models, the configuration, every weight's name and shape,
and what kakaobrain/rq-vae-transformer (commit 341395e) and kakaobrain/minDALL-E computed with the weights that
`filled` makes: logits and pixels at sixteen places, their mean and deviation, and an image's codes.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from songdalle_core.imagegen.engine.engine import Engine, EngineOptions, GenerationRequest
from songdalle_core.imagegen.model.checkpoints import CheckpointError, load_checkpoint
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.imagegen.model.textbook import textbook_codes

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden_checkpoints.json").read_text(encoding="utf-8")
)
RQ = ("cc3m", "own_embeddings", "quick_gelu")
TOLERANCE = 1e-4  # of the figures' own size


def filled(name: str, shape: list[int]) -> torch.Tensor:
    """The golden weights: normal numbers seeded by the weight's name, scaled to stay in range."""
    stream = np.random.Generator(np.random.Philox(key=zlib.crc32(name.encode())))
    values = stream.standard_normal(shape, dtype=np.float32)
    if name.endswith("weight") and len(shape) == 1:
        return torch.from_numpy(1 + 0.1 * values)
    if "codebooks" in name or "quantize." in name:
        scale = 1.0
    elif len(shape) == 1 or "emb" in name:
        scale = 0.3
    else:
        scale = float(np.prod(shape[1:])) ** -0.5
    return torch.from_numpy(scale * values)


def state(shapes: dict[str, list[int]], shared: bool) -> dict[str, torch.Tensor]:
    """Weights of the shapes; a shared codebook's entries under every depth's name."""

    def source(name: str) -> str:
        parts = name.split(".")
        if shared and parts[:2] == ["quantizer", "codebooks"]:
            parts[2] = "0"
        return ".".join(parts)

    return {name: filled(source(name), shape) for name, shape in shapes.items()}


def write_vocabulary(folder: Path) -> None:
    """A character BPE of 40 tokens under the released files' names."""
    folder.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", *"abcdefghijklmnopqr", *(f"{c}</w>" for c in "abcdefghijklmnopqrst")]
    vocabulary = {word: number for number, word in enumerate(words)}
    (folder / "bpe-16k-vocab.json").write_text(json.dumps(vocabulary))
    (folder / "bpe-16k-merges.txt").write_text("#version: 0.2\n")


def write_checkpoint(name: str, folder: Path) -> Path:
    """A folder in the released layout with the golden weights."""
    golden = GOLDEN[name]
    write_vocabulary(folder / "tokenizer")
    if name == "mindalle":
        (folder / "config.yaml").write_text(yaml.safe_dump(golden["config"]))
        for stage in ("stage1", "stage2"):
            weights = state(golden["shapes"][stage], shared=False)
            torch.save({"state_dict": weights}, folder / f"{stage}_last.ckpt")
        return folder
    shared = golden["stage1"]["arch"]["hparams"]["shared_codebook"]
    for stage in ("stage1", "stage2"):
        (folder / stage).mkdir()
        (folder / stage / "config.yaml").write_text(yaml.safe_dump(golden[stage]))
        weights = state(golden["shapes"][stage], shared)
        if "tok_emb.weight" in weights and not golden[stage]["arch"].get("shared_tok_emb"):
            weights["tok_emb.offsets"] = torch.tensor([0, 48, 96])
        averaged = {key: 0.5 * value for key, value in weights.items()}
        torch.save({"state_dict": weights, "state_dict_ema": averaged}, folder / stage / "model.pt")
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    base = tmp_path_factory.mktemp("released")
    return {name: write_checkpoint(name, base / name) for name in GOLDEN}


def inputs(depth: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Codes (2, 64, D), text tokens (2, 6) and a picture, drawn as for the golden figures."""
    stream = np.random.Generator(np.random.Philox(key=1))
    shape = (2, 8, 8, depth) if depth > 1 else (2, 64)
    codes = torch.from_numpy(stream.integers(0, 48, shape)).view(2, 64, depth)
    cond = torch.from_numpy(stream.integers(0, 40, (2, 6)))
    picture = stream.standard_normal((1, 3, 32, 32), dtype=np.float32)
    return codes, cond, torch.from_numpy(picture).clamp(-1, 1)


def assert_golden(actual: torch.Tensor, golden: dict[str, Any]) -> None:
    flat = actual.detach().double().flatten()
    assert list(actual.shape) == golden["shape"]
    scale = golden["std"]
    expected = torch.tensor(golden["values"], dtype=torch.float64)
    assert (flat[golden["at"]] - expected).abs().max() <= TOLERANCE * scale
    assert abs(flat.mean().item() - golden["mean"]) <= TOLERANCE * scale
    assert abs(flat.std().item() - golden["std"]) <= TOLERANCE * scale


@pytest.mark.parametrize("name", list(GOLDEN))
@torch.no_grad()
def test_parity_with_the_code_that_published_them(name: str, folders: dict[str, Path]) -> None:
    generator = load_checkpoint(folders[name])
    model, rqvae, golden = generator.transformer, generator.rqvae, GOLDEN[name]
    codes, cond, picture = inputs(model.config.depth)
    assert_golden(model(codes, rqvae.quantizer.embed(codes), cond), golden["logits"])
    side = model.config.block_size[0]
    assert_golden(rqvae.decode(codes.view(2, side, side, -1)), golden["pixels"])
    assert rqvae.get_codes(picture).flatten().tolist() == golden["codes_of_image"]


@pytest.mark.parametrize("name", list(GOLDEN))
def test_the_engine_draws_with_them(name: str, folders: dict[str, Path]) -> None:
    generator = load_checkpoint(folders[name])
    sampling = SamplingOptions(top_k=10)
    with Engine(generator, EngineOptions(slots=2, width=2)) as engine:
        candidates = engine.draw(GenerationRequest("abc def", 2, 3, sampling))
    for drawn in candidates:
        expected = textbook_codes(generator, "abc def", [drawn.seed], sampling)
        assert np.array_equal(drawn.latents, expected)


def test_averaged_weights_on_request(folders: dict[str, Path]) -> None:
    plain, averaged = load_checkpoint(folders["cc3m"]), load_checkpoint(folders["cc3m"], ema=True)
    ratio = averaged.transformer.pos_emb_hw / plain.transformer.pos_emb_hw
    assert torch.allclose(ratio, torch.tensor(0.5))


def test_prompts_are_lower_cased_and_padded(folders: dict[str, Path]) -> None:
    tokenizer = load_checkpoint(folders["mindalle"]).tokenizer
    assert tokenizer.encode("AB").tolist() == tokenizer.encode("ab").tolist()
    assert tokenizer.encode("ab").tolist()[2:] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("remove", "message"),
    [
        ("stage1/config.yaml", r"config\.yaml is missing"),
        ("stage2/model.pt", r"model\.pt is missing"),
        ("tokenizer/bpe-16k-merges.txt", r"merges\.txt is missing"),
    ],
)
def test_names_what_is_missing(remove: str, message: str, tmp_path: Path) -> None:
    folder = write_checkpoint("cc3m", tmp_path / "cc3m")
    (folder / remove).unlink()
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(folder)


def test_refuses_other_folders_damage_and_other_models(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint: it needs"):
        load_checkpoint(tmp_path)
    folder = write_checkpoint("cc3m", tmp_path / "cc3m")
    model = folder / "stage2/model.pt"
    whole = model.read_bytes()
    model.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError, match="damaged or no checkpoint"):
        load_checkpoint(folder)
    torch.save({"state_dict": {"weight": torch.zeros(1)}}, model)
    with pytest.raises(CheckpointError, match="do not fit"):
        load_checkpoint(folder)
    torch.save({"epoch": 3}, model)
    with pytest.raises(CheckpointError, match="has no 'state_dict': it holds epoch"):
        load_checkpoint(folder)


class Harmful:
    """Would run a command if it were unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, ("touch harmed",)


def test_runs_nothing_that_a_checkpoint_brings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = write_checkpoint("cc3m", tmp_path / "cc3m")
    torch.save({"state_dict": {"weight": Harmful()}}, folder / "stage2/model.pt")
    with pytest.raises(CheckpointError, match="damaged or no checkpoint"):
        load_checkpoint(folder)
    assert not (tmp_path / "harmed").exists()
