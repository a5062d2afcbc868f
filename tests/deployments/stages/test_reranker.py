"""The Reranker deployment's own class, without Ray around it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deployments.config.pictures import OpenClipOptions, PolicyOptions, Siglip2Options
from deployments.contract.messages import Judgement
from deployments.stages.reranker import Reranker, public_name
from songdalle_core.policy.pictures import PictureCheck
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


def judged(reranker: Any, images: Any, prompt: str = "the sea") -> list[Judgement]:
    return asyncio.run(reranker.judge(prompt, images))


def scored(reranker: Any, *arguments: Any) -> list[float]:
    return [one.score for one in asyncio.run(reranker.judge(*arguments))]


def test_scores_are_the_models(reranker: Any, folder: Path) -> None:
    images = pictures(5)
    images.flags.writeable = False  # as they come out of Ray's object store
    judgements = judged(reranker, images)
    expected = ClipReranker.load(f"local-dir:{folder}").score("the sea", images)
    assert [judgement.score for judgement in judgements] == [
        round(float(score), 3) for score in expected
    ]
    assert len({judgement.score for judgement in judgements}) == 5
    assert {judgement.withheld for judgement in judgements} == {None}


def test_no_number_is_no_score(reranker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = np.array([1.0, np.nan], dtype=np.float32), np.zeros((2, 0), dtype=np.float32)
    monkeypatch.setattr(reranker._model, "compare", lambda *_: broken)
    with pytest.raises(RuntimeError, match="nan"):
        judged(reranker, pictures(2))


def test_pictures_above_their_threshold_are_withheld(folder: Path) -> None:
    """By the same model, with the probabilities that `PictureCheck` makes of its logits."""
    options, policy = OpenClipOptions(model=f"local-dir:{folder}"), PolicyOptions(pictures=True)
    reranker: Any = Reranker.func_or_class(options, "cpu", policy)
    images, check = pictures(9), PictureCheck()
    model = ClipReranker.load(f"local-dir:{folder}")
    logits = model.compare("x", images, model.read(check.texts))[1]
    gore = check.probabilities(logits)[:, check.subjects.index("gore")]
    others = {"nudity": None, "hateful_symbols": None, "real_face": None}
    asyncio.run(reranker.reconfigure({"thresholds": {**others, "gore": float(np.median(gore))}}))
    withheld = [one.withheld for one in judged(reranker, images)]
    assert withheld == ["gore" if p >= np.median(gore) else None for p in gore]
    assert withheld.count("gore") == 5
    asyncio.run(reranker.reconfigure({"thresholds": {**others, "gore": None}}))
    assert {one.withheld for one in judged(reranker, images)} == {None}
    scores = [one.score for one in judged(reranker, images)]
    assert scores == [round(float(score), 3) for score in model.score("the sea", images)]


def test_thresholds_of_a_check_that_is_off_withhold_nothing(reranker: Any) -> None:
    asyncio.run(reranker.reconfigure({"thresholds": {"gore": 1e-9, "exposed": 1e-9}}))
    assert {one.withheld for one in judged(reranker, pictures(3))} == {None}
    asyncio.run(reranker.reconfigure({}))


def test_nudenet_has_a_say(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Detector:
        def detect_batch(self, images: list[Any]) -> list[Any]:
            brightness = [float(image.mean()) / 255 for image in images]
            return [[{"class": "BUTTOCKS_EXPOSED", "score": score}] for score in brightness]

    monkeypatch.setitem(sys.modules, "nudenet", SimpleNamespace(NudeDetector=Detector))
    options, policy = OpenClipOptions(model=f"local-dir:{folder}"), PolicyOptions(nudenet=True)
    reranker: Any = Reranker.func_or_class(options, "cpu", policy)
    images = np.stack([np.full((64, 64, 3), grey, dtype=np.uint8) for grey in (10, 127, 128, 255)])
    withheld = [one.withheld for one in judged(reranker, images)]
    assert withheld == [None, None, "nudity", "nudity"]
    asyncio.run(reranker.reconfigure({"thresholds": {"exposed": 0.9}}))
    assert [one.withheld for one in judged(reranker, images)] == [None, None, None, "nudity"]


def test_a_missing_detector_is_told_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nudenet", None)
    with pytest.raises(ValueError, match="nudenet"):
        Reranker.func_or_class(
            OpenClipOptions(model=f"local-dir:{folder}"), "cpu", PolicyOptions(nudenet=True)
        )


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
    scores = scored(stage, "a blue balloon", images, "파란 풍선")
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
    assert scored(reranker, "the sea", images, "파란 풍선") == prompt
    options = OpenClipOptions(model=f"local-dir:{folder}", text="summary")
    stage = Reranker.func_or_class(options, "cpu")
    assert scored(stage, "the sea", images, "파란 풍선") == summary
    assert scored(stage, "the sea", images) == prompt
