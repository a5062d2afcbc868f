"""Where the reranker's model comes from: folders, the embedded weights, built-in names, the hub."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import open_clip
import pytest
import torch

from songdalle_core.artifacts import ModelMissing, WeightsError, sha256
from songdalle_core.reranking import ClipReranker, sources
from tests.tiny_clip import pictures, write_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.mark.usefixtures("_offline")
def test_a_local_folder_needs_no_network(folder: Path) -> None:
    reranker = ClipReranker.load(f"local-dir:{folder}")
    assert reranker.score("a balloon", pictures(2)).shape == (2,)


@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize(
    ("model", "pretrained", "message"),
    [
        ("ViT-B32", None, "did you mean ViT-B-32"),
        ("no such thing at all", None, "local-dir:<folder>"),
        ("ViT-B-32", None, "needs a pretrained tag.*laion2b_s34b_b79k"),
        ("ViT-B-32", "laion9b", "no weights 'laion9b'.*laion2b_s34b_b79k"),
        ("local-dir:nowhere/at/all", None, "no such folder"),
        ("hf-hub:somebody/something", "laion2b_s34b_b79k", "its own weights"),
    ],
)
def test_unknown_models(model: str, pretrained: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClipReranker.load(model, pretrained)


@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("open_clip_config.json", "no open_clip_config.json"),
        ("open_clip_model.safetensors", "no weights"),
        ("tokenizer_config.json", "no tokenizer_config.json"),
    ],
)
def test_incomplete_folder(folder: Path, tmp_path: Path, missing: str, message: str) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy" / missing).unlink()
    with pytest.raises(ValueError, match=message):
        ClipReranker.load(f"local-dir:{tmp_path / 'copy'}")


@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "not an open_clip configuration"),
        ("[]", "not an open_clip configuration"),
        ('{"model_cfg": {"text_cfg": {"hf_model_name": "x/y"}}}', "would be downloaded"),
    ],
)
def test_unusable_configuration(folder: Path, tmp_path: Path, text: str, message: str) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy" / "open_clip_config.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        ClipReranker.load(f"local-dir:{tmp_path / 'copy'}")


def test_unknown_device(folder: Path) -> None:
    with pytest.raises(ValueError, match="try 'cpu'"):
        ClipReranker.load(f"local-dir:{folder}", device="abacus")


@pytest.fixture
def weights(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A weights folder whose embedded CLIP is the tiny model."""
    shutil.copytree(folder, tmp_path / "weights" / "clip")
    files = sorted((tmp_path / "weights" / "clip").iterdir())
    sums = "".join(f"{sha256(file)}  clip/{file.name}\n" for file in files)
    (tmp_path / "weights" / "SHA256SUMS").write_text(sums, encoding="utf-8")
    monkeypatch.setattr(sources, "WEIGHTS", tmp_path / "weights")
    return tmp_path / "weights"


@pytest.mark.usefixtures("_offline")
def test_embedded_model_is_the_folder(weights: Path, folder: Path) -> None:
    images = pictures(3)
    reranker = ClipReranker.load()
    assert reranker.name == "embedded"
    scores = reranker.score("a balloon", images)
    assert (scores == ClipReranker.load(f"local-dir:{folder}").score("a balloon", images)).all()


@pytest.mark.parametrize(
    "name", ["open_clip_model.safetensors", "open_clip_config.json", "tokenizer.json"]
)
def test_damaged_embedded_file(weights: Path, name: str) -> None:
    path = weights / "clip" / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(WeightsError, match="damaged"):
        ClipReranker.load()


def test_missing_embedded_file(weights: Path) -> None:
    (weights / "clip" / "tokenizer.json").unlink()
    with pytest.raises(WeightsError, match="missing"):
        ClipReranker.load()


def test_unlisted_embedded_file(weights: Path) -> None:
    (weights / "clip" / "added_tokens.json").write_text("{}", encoding="utf-8")
    with pytest.raises(WeightsError, match="not listed"):
        ClipReranker.load()


@pytest.fixture
def built_in(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint file of "tiny-clip", a name that open_clip is made to know."""
    config = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]
    config["text_cfg"]["hf_tokenizer_name"] = str(folder)
    (tmp_path / "tiny-clip.json").write_text(json.dumps(config))
    factory = open_clip.factory
    monkeypatch.setattr(factory, "_MODEL_CONFIG_PATHS", list(factory._MODEL_CONFIG_PATHS))
    monkeypatch.setattr(factory, "_MODEL_CONFIGS", dict(factory._MODEL_CONFIGS))
    open_clip.add_model_config(tmp_path / "tiny-clip.json")
    return folder / "open_clip_model.safetensors"


@pytest.mark.usefixtures("_offline")
def test_a_checkpoint_file_fills_a_built_in_model(
    built_in: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = {"mean": (0.4, 0.5, 0.6), "std": (0.2, 0.3, 0.25)}
    tag |= {"interpolation": "bicubic", "resize_mode": "shortest"}
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "tiny-clip", {"published": tag})
    torch.save(open_clip.factory.load_state_dict(str(built_in)), tmp_path / "mine.pt")
    images = pictures(3, 40, 56)
    expected = ClipReranker.load(f"local-dir:{folder}").score("a balloon", images)
    for path in (built_in, tmp_path / "mine.pt"):
        reranker = ClipReranker.load("tiny-clip", str(path))
        # to be equal, the pixels must be treated as the model's published weights want it
        assert reranker.score("a balloon", images) == pytest.approx(expected, abs=1e-4)


def test_published_weights_get_the_activation_they_were_trained_with(
    built_in: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        open_clip.pretrained._PRETRAINED, "tiny-clip", {"old": {"quick_gelu": True, "file": "x"}}
    )
    monkeypatch.setattr(open_clip.factory, "download_pretrained", lambda *_, **__: str(built_in))
    reranker = ClipReranker.load("tiny-clip", "old")
    kinds = {type(module).__name__ for module in reranker._model.modules()}
    assert "QuickGELU" in kinds
    assert "GELU" not in kinds


@pytest.mark.usefixtures("_offline")
def test_a_published_model_that_is_not_here_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelMissing, match=r"download_weights\.py clip"):
        ClipReranker.load("ViT-B-32", "laion2b_s34b_b79k")
    with pytest.raises(ModelMissing, match=r"download_weights\.py siglip2"):
        ClipReranker.load("ViT-B-32-SigLIP2-256", "webli")
    with pytest.raises(ModelMissing, match="unset HF_HUB_OFFLINE"):
        ClipReranker.load("hf-hub:somebody/something")
