from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from songdalle_core import reranking
from songdalle_core.artifacts import ModelMissing, WeightsError, sha256
from songdalle_core.reranking import ClipReranker, best_first
from tests.serve.tiny_models import write_siglip2

Images = npt.NDArray[np.uint8]


def write_tokenizer(folder: Path) -> int:
    tokens = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["[PAD]", "[UNK]", "[BOS]", "[EOS]"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokens.train_from_iterator(["a painting of a balloon", "the sea at night"], trainer)
    tokens.post_processor = processors.TemplateProcessing(
        single="[BOS] $A [EOS]", special_tokens=[("[BOS]", 2), ("[EOS]", 3)]
    )
    fast: Any = PreTrainedTokenizerFast
    fast(
        tokenizer_object=tokens, pad_token="[PAD]", bos_token="[BOS]", eos_token="[EOS]"
    ).save_pretrained(folder)
    return int(tokens.get_vocab_size())


def write_model(folder: Path, **changes: Any) -> Path:
    """A tiny random model in open_clip's own folder schema."""
    folder.mkdir(parents=True)
    config: dict[str, Any] = {
        "model_cfg": {
            "embed_dim": 16,
            "vision_cfg": {
                "image_size": 32,
                "layers": 1,
                "width": 32,
                "head_width": 16,
                "patch_size": 8,
            },
            "text_cfg": {
                "context_length": 12,
                "vocab_size": write_tokenizer(folder),
                "width": 32,
                "heads": 2,
                "layers": 1,
                "pool_type": "eos",
                "eos_id": 3,
                "hf_tokenizer_name": "tokenizer.json",
            },
            **changes,
        },
        "preprocess_cfg": {
            "mean": [0.4, 0.5, 0.6],
            "std": [0.2, 0.3, 0.25],
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config), encoding="utf-8")
    torch.manual_seed(0)
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def reranker(folder: Path) -> ClipReranker:
    return ClipReranker.load(f"local-dir:{folder}")


def pictures(count: int, height: int = 48, width: int = 48) -> Images:
    return np.random.default_rng(count).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def reference(folder: Path, prompt: str, images: Images) -> npt.NDArray[np.float32]:
    """The scores as open_clip's documentation computes them, one image at a time."""
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    tokens = open_clip.get_tokenizer(f"local-dir:{folder}")([prompt])
    model.eval()
    with torch.no_grad():
        rows = [
            model.get_logits(preprocess(Image.fromarray(image))[None], tokens)[0][0, 0]
            for image in images
        ]
    return torch.stack(rows).numpy()


@pytest.mark.parametrize(("height", "width"), [(48, 48), (32, 32), (64, 40), (20, 31), (128, 128)])
def test_scores_are_open_clips(
    reranker: ClipReranker, folder: Path, height: int, width: int
) -> None:
    images = pictures(5, height, width)
    scores = reranker.score("a painting of a balloon", images)
    expected = reference(folder, "a painting of a balloon", images)
    assert scores.dtype == np.float32
    assert scores.shape == (5,)
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-5)
    assert np.ptp(expected) > 1e-3, "the images must differ for this to mean anything"


def test_siglip_bias_is_part_of_the_score(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "siglip", init_logit_bias=-10.0)
    images = pictures(3)
    scores = ClipReranker.load(f"local-dir:{folder}").score("the sea", images)
    np.testing.assert_allclose(scores, reference(folder, "the sea", images), rtol=1e-5, atol=1e-5)
    plain = reference(write_model(tmp_path / "clip"), "the sea", images)
    np.testing.assert_allclose(scores, plain - 10.0, rtol=1e-4, atol=1e-4)


def test_rank_is_the_order_of_the_scores(reranker: ClipReranker) -> None:
    images = pictures(8)
    scores = reranker.score("the sea at night", images)
    order = reranker.rank("the sea at night", images)
    assert sorted(order) == list(range(8))
    assert all(scores[a] >= scores[b] for a, b in pairwise(order))


def test_other_texts_are_compared_in_the_same_pass(reranker: ClipReranker, folder: Path) -> None:
    images, texts = pictures(5), ["a painting of a balloon", "the sea at night", "풍선"]
    scores, logits = reranker.compare("the sea", images, reranker.read(texts))
    assert (scores == reranker.score("the sea", images)).all()
    assert logits.shape == (5, 3)
    assert logits.dtype == np.float32
    for text, column in zip(texts, logits.T, strict=True):
        np.testing.assert_allclose(column, reference(folder, text, images), rtol=1e-5, atol=1e-5)


def test_comparing_with_nothing(reranker: ClipReranker) -> None:
    panel = reranker.read(["a", "b"])
    assert reranker.compare("x", pictures(3))[1].shape == (3, 0)
    assert reranker.compare("x", pictures(3)[:0], panel)[1].shape == (0, 2)


def test_equal_images_keep_their_order(reranker: ClipReranker) -> None:
    images = np.repeat(pictures(1), 6, axis=0)
    assert reranker.rank("a balloon", images) == [0, 1, 2, 3, 4, 5]


def test_best_first() -> None:
    assert best_first([0.5, 2.0, 0.5, 2.0, -1.0]) == [1, 3, 0, 2, 4]
    assert best_first([float("nan"), 1.0, 2.0]) == [2, 1, 0]
    assert best_first([]) == []


def test_prompts_change_the_scores_and_order_of_calls_does_not(reranker: ClipReranker) -> None:
    images = pictures(4)
    first = reranker.score("a balloon", images)
    other = reranker.score("the sea at night", images)
    assert not np.allclose(first, other)
    assert (reranker.score("a balloon", images) == first).all()


@pytest.mark.parametrize("prompt", ["", "풍선을 타고", "🎈", "word " * 500])
def test_any_prompt_scores(reranker: ClipReranker, prompt: str) -> None:
    assert np.isfinite(reranker.score(prompt, pictures(2))).all()


def test_prompts_are_encoded_once_and_the_cache_is_bounded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reranker = ClipReranker.load(f"local-dir:{folder}")
    encoded: list[str] = []
    tokenizer: Callable[[list[str]], torch.Tensor] = reranker._tokenizer

    def counting(texts: list[str]) -> torch.Tensor:
        encoded.extend(texts)
        return tokenizer(texts)

    monkeypatch.setattr(reranker, "_tokenizer", counting)
    monkeypatch.setattr(reranking, "_CACHED_PROMPTS", 2)
    for prompt in ["a", "a", "b", "a", "c", "a", "b"]:
        reranker.score(prompt, pictures(1))
    # "b" was the least recently used when "c" came
    assert encoded == ["a", "b", "c", "b"]


def test_no_images(reranker: ClipReranker) -> None:
    scores = reranker.score("a balloon", np.zeros((0, 48, 48, 3), dtype=np.uint8))
    assert scores.shape == (0,)
    assert reranker.rank("a balloon", np.zeros((0, 48, 48, 3), dtype=np.uint8)) == []


@pytest.mark.parametrize("shape", [(48, 48, 3), (2, 3, 48, 48), (2, 48, 48, 4)])
def test_wrong_shape(reranker: ClipReranker, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\(N, H, W, 3\)"):
        reranker.score("a balloon", np.zeros(shape, dtype=np.uint8))


def test_wrong_dtype(reranker: ClipReranker) -> None:
    with pytest.raises(ValueError, match="uint8"):
        reranker.score("a balloon", np.zeros((1, 48, 48, 3)))  # type: ignore[arg-type]


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
    monkeypatch.setattr(reranking, "WEIGHTS", tmp_path / "weights")
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


@pytest.mark.usefixtures("_offline")
@pytest.mark.parametrize("kind", ["clip", "siglip2"])
def test_half_precision_scores_nearly_the_same(kind: str, folder: Path, tmp_path: Path) -> None:
    source = f"local-dir:{folder if kind == 'clip' else write_siglip2(tmp_path / 'siglip2')}"
    images = pictures(6)
    whole = ClipReranker.load(source).score("the sea", images)
    half = ClipReranker.load(source, dtype="bfloat16")
    scores = half.score("the sea", images)
    assert torch.bfloat16 in {p.dtype for p in half._model.visual.parameters()}
    assert np.abs(scores - whole).max() < 0.25 * np.ptp(whole) + 0.05
    assert len(set(scores.tolist())) == 6
    with pytest.raises(ValueError, match="float16 needs a GPU"):
        ClipReranker.load(source, dtype="float16")
    with pytest.raises(ValueError, match="give one of float32"):
        ClipReranker.load(source, dtype="int8")


@pytest.mark.usefixtures("_offline")
def test_siglip2_scores_are_logits_of_the_sigmoid(tmp_path: Path) -> None:
    folder = write_siglip2(tmp_path / "siglip2")
    images = pictures(4)
    scores = ClipReranker.load(f"local-dir:{folder}").score("파란 풍선", images)
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    tokens = open_clip.get_tokenizer(f"local-dir:{folder}")(["파란 풍선"])
    pixels = torch.stack([preprocess(Image.fromarray(image)) for image in images])
    with torch.inference_mode():
        one, other = model.encode_image(pixels), model.encode_text(tokens)
        cosines = torch.cosine_similarity(one, other)
        expected = model.logit_scale.exp() * cosines + model.logit_bias
    assert model.logit_bias.item() == -10
    assert scores == pytest.approx(expected.numpy(), abs=1e-4)
