"""The Reranker deployment's own class, without Ray around it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deployments.options import OpenClipOptions, Siglip2Options
from deployments.reranker import Reranker, public_name
from songdalle_core.reranking import ClipReranker
from tests.serve.tiny_models import write_clip, write_siglip2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def reranker(folder: Path) -> Any:
    return Reranker.func_or_class(OpenClipOptions(model=f"local-dir:{folder}"), "cpu")


def pictures(count: int) -> Any:
    return np.random.default_rng(0).integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)


def test_scores_are_the_models(reranker: Any, folder: Path) -> None:
    images = pictures(5)
    images.flags.writeable = False  # as they come out of Ray's object store
    scores = asyncio.run(reranker.score("the sea", images))
    expected = ClipReranker.load(f"local-dir:{folder}").score("the sea", images)
    assert scores == [round(float(score), 3) for score in expected]
    assert len(set(scores)) == 5


def test_no_number_is_no_score(reranker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = np.array([1.0, np.nan], dtype=np.float32)
    monkeypatch.setattr(reranker._model, "score", lambda *_: broken)
    with pytest.raises(RuntimeError, match="nan"):
        asyncio.run(reranker.score("the sea", pictures(2)))


@pytest.mark.parametrize(
    ("model", "pretrained", "name"),
    [
        ("embedded", None, "clip-embedded"),
        ("local-dir:/secret/place/mine", None, "mine"),
        ("ViT-B-32", "laion2b_s34b_b79k", "ViT-B-32/laion2b_s34b_b79k"),
        ("hf-hub:somebody/model", None, "hf-hub:somebody/model"),
        ("ViT-B-32", "/secret/place/mine.pt", "ViT-B-32/mine.pt"),
    ],
)
def test_names_do_not_tell_where_folders_lie(model: str, pretrained: str | None, name: str) -> None:
    assert public_name(OpenClipOptions(model=model, pretrained=pretrained)) == name


def test_siglip2_reads_the_summary(tmp_path: Path) -> None:
    folder = write_siglip2(tmp_path / "siglip2")
    options = Siglip2Options(model=f"local-dir:{folder}")
    stage = Reranker.func_or_class(options, "cpu")
    images = pictures(4)
    scores = asyncio.run(stage.score("a blue balloon", images, "파란 풍선"))
    expected = ClipReranker.load(options.model).score("파란 풍선", images)
    assert scores == [round(float(score), 3) for score in expected]
    info = asyncio.run(stage.describe())
    assert (info.model, info.details["text"]) == ("siglip2", "summary")


def test_others_read_the_prompt_unless_told(reranker: Any, folder: Path) -> None:
    images = pictures(4)
    prompt, summary = (
        [round(float(s), 3) for s in ClipReranker.load(f"local-dir:{folder}").score(text, images)]
        for text in ("the sea", "파란 풍선")
    )
    assert asyncio.run(reranker.score("the sea", images, "파란 풍선")) == prompt
    told = OpenClipOptions(model=f"local-dir:{folder}", text="summary")
    stage = Reranker.func_or_class(told, "cpu")
    assert asyncio.run(stage.score("the sea", images, "파란 풍선")) == summary
    assert asyncio.run(stage.score("the sea", images)) == prompt
