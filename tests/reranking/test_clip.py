from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import open_clip
import pytest
import torch
from PIL import Image

from songdalle_core.captions.vocabulary import FILE, SUBJECT, Subject, Vocabulary
from songdalle_core.reranking import clip
from songdalle_core.reranking.clip import ClipReranker, best_first
from songdalle_core.reranking.prototypes import Prototypes
from tests.serve.tiny_models import write_siglip2
from tests.tiny_clip import Images, pictures, write_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def reranker(folder: Path) -> ClipReranker:
    return ClipReranker.load(f"local-dir:{folder}")


@cache
def published(folder: Path) -> tuple[Any, Any, Any]:
    """open_clip's own model, transform and tokenizer of a folder."""
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    return model.eval(), preprocess, open_clip.get_tokenizer(f"local-dir:{folder}")


def reference(folder: Path, prompt: str, images: Images) -> npt.NDArray[np.float32]:
    """The scores as open_clip's documentation computes them, one image at a time."""
    model, preprocess, tokenizer = published(folder)
    tokens = tokenizer([prompt])
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
    monkeypatch.setattr(clip, "_CACHED_PROMPTS", 2)
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
    model, preprocess, tokenizer = published(folder)
    tokens = tokenizer(["파란 풍선"])
    pixels = torch.stack([preprocess(Image.fromarray(image)) for image in images])
    with torch.inference_mode():
        one, other = model.encode_image(pixels), model.encode_text(tokens)
        cosines = torch.cosine_similarity(one, other)
        expected = model.logit_scale.exp() * cosines + model.logit_bias
    assert model.logit_bias.item() == -10
    assert scores == pytest.approx(expected.numpy(), abs=1e-4)


def test_prompts_are_read_as_the_folders_captions(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "tiny")
    Vocabulary((Subject("balloon", "a balloon"),), {}, {}, styles={"painting": "painting"}).write(
        folder / FILE
    )
    reading, images = ClipReranker.load(f"local-dir:{folder}"), pictures(3)
    prompt, caption = "a painting of holding balloons tonight", "a painting of a balloon"
    plain = ClipReranker.load(f"local-dir:{write_model(tmp_path / 'plain')}")
    np.testing.assert_allclose(
        reading.score(prompt, images), plain.score(caption, images), atol=1e-5
    )
    assert not np.allclose(plain.score(prompt, images), plain.score(caption, images), atol=1e-3)


def test_prototypes_add_the_fit_of_what_the_prompt_names(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "tiny")
    Vocabulary((Subject("balloon", "a balloon"),), {}, {}).write(folder / FILE)
    without = ClipReranker.load(f"local-dir:{folder}")
    prototypes = Prototypes(
        {SUBJECT: ("", "balloon")}, {SUBJECT: torch.randn(2, 16)}, {SUBJECT: 30.0}
    )
    prototypes.write(folder)
    looking, images = ClipReranker.load(f"local-dir:{folder}"), pictures(4)
    added = looking.score("balloons", images) - without.score("balloons", images)
    assert (added < 0).all()
    assert len(set(added.round(3).tolist())) > 1
    np.testing.assert_allclose(
        looking.score("no idea", images), without.score("no idea", images), atol=1e-5
    )
