"""Bytes counted on shapes are the bytes that the real models take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from scripts.operations.gpus import footprints
from scripts.operations.gpus.errors import PlanError
from scripts.operations.gpus.memory import Peak, stored, tensors_of
from scripts.operations.gpus.shapes import generator_shape
from scripts.operations.weights.catalogue import PROFILES, HubProfile
from songdalle_core.imagegen.model.checkpoints import load_checkpoint
from songdalle_core.imagegen.model.generator import load_generator
from songdalle_core.imagegen.model.rqtransformer import RQTransformer
from songdalle_core.imagegen.runtimes.decoding import PixelDecoder
from songdalle_core.imagegen.runtimes.stepping import SpatialStep
from songdalle_core.imagegen.runtimes.torch_runtime import StepInputs
from songdalle_core.pretrained import Source
from songdalle_core.sentiment.kobert import load_kobert
from songdalle_core.summarization.kobart import KoBartOptions, KoBartSummarizer
from songdalle_core.translation.marian import load_marian
from songdalle_core.translation.seq2seq import SearchOptions
from tests.imagegen.model.test_checkpoints import write_checkpoint
from tests.serve.tiny_models import write_generator

SIZES = {"slots": 8, "width": 4, "decode_width": 2}


@pytest.mark.parametrize("name", ["cc3m", "quick_gelu", "mindalle"])
@torch.no_grad()
def test_a_generator_takes_what_was_counted(name: str, tmp_path: Path) -> None:
    folder = write_checkpoint(name, tmp_path / name)
    options = {"backend": "checkpoint", "folder": str(folder), "engine": SIZES}
    planned = footprints.generator(options, {})
    model = load_checkpoint(folder)
    step = SpatialStep(model.transformer, model.rqvae, 4, 1).eval()
    assert planned.weights == stored(*tensors_of(model.transformer, model.rqvae, step))
    text = step.read_text(torch.zeros(model.transformer.config.block_size_cond, dtype=torch.int64))
    assert planned.cache == 2 * stored(*step.empty_cache()) + 8 * stored(*text)
    assert planned.slot == planned.cache // 8
    caches = step.empty_cache()
    with Peak() as stepping:
        step(*StepInputs.idle(step), *caches)
    shape = (2, *model.transformer.config.block_size)
    with Peak() as decoding:
        PixelDecoder(model.rqvae)(torch.zeros(shape, dtype=torch.int64), torch.ones(shape[:3]))
    # kernels on a CPU may differ from those that shapes are traced with
    assert planned.working == pytest.approx(stepping.most + decoding.most, rel=0.2)


def test_a_half_precision_generator_takes_half(tmp_path: Path) -> None:
    folder = write_checkpoint("cc3m", tmp_path / "cc3m")
    options: dict[str, Any] = {"backend": "checkpoint", "folder": str(folder), "engine": SIZES}
    whole = footprints.generator(options, {})
    half = footprints.generator({**options, "dtype": "bfloat16"}, {})
    assert half.slot * 2 == whole.slot
    assert half.model == "cc3m (bfloat16)"


def test_guidance_takes_a_second_branch(tmp_path: Path) -> None:
    folder = write_generator(tmp_path / "guided")
    options: dict[str, Any] = {"backend": "folder", "folder": str(folder), "engine": SIZES}
    guided = footprints.generator(options, {})
    config = json.loads((folder / "config.json").read_text())
    config["sampling"]["guidance"] = 1.0
    (folder / "config.json").write_text(json.dumps(config))
    plain = footprints.generator(options, {})
    model = load_generator(folder)
    caches = SpatialStep(model.transformer, model.rqvae, 4, 1).empty_cache()
    assert guided.cache - plain.cache == 2 * stored(*caches)


def test_more_slots_in_user_config_count(tmp_path: Path) -> None:
    folder = write_checkpoint("cc3m", tmp_path / "cc3m")
    options = {"backend": "checkpoint", "folder": str(folder), "engine": SIZES}
    few, many = (footprints.generator(options, {"slots": slots}) for slots in (None, 16))
    assert many.cache == 2 * few.cache


@pytest.mark.parametrize(
    ("count", "options", "profile"),
    [
        (footprints.summarizer, {"backend": "kobart"}, "kobart"),
        (footprints.translator, {"backend": "marian"}, "marian"),
        (footprints.sentiment, {"backend": "kobert", "model": "/nowhere/kobert"}, "kobert"),
        (footprints.reranker, {"backend": "open_clip", "model": "ViT-B-32"}, "clip"),
    ],
)
def test_published_models_weigh_what_their_pages_say(
    count: Any, options: dict[str, Any], profile: str
) -> None:
    """Within two hundredths: their files hold a few buffers more, or fewer."""
    published = PROFILES[profile]
    assert isinstance(published, HubProfile)
    megabytes = float(published.size.removeprefix("about ").removesuffix(" MB"))
    assert count(options, {}).weights / 1e6 == pytest.approx(megabytes, rel=0.02)


@pytest.mark.parametrize(
    ("name", "billions"), [("rq-cc3m", 0.65), ("rq-3.9b", 3.9), ("mindalle", 1.3)]
)
def test_published_generators_have_the_parameters_they_are_named_for(
    name: str, billions: float
) -> None:
    options = {"backend": "checkpoint", "folder": f"/nowhere/{name}"}
    with torch.device("meta"):
        model = RQTransformer(generator_shape(options).transformer)
    count = sum(parameter.numel() for parameter in model.parameters())
    assert count / 1e9 == pytest.approx(billions, rel=0.03)


def test_an_unknown_generator_is_refused() -> None:
    options = {"backend": "checkpoint", "folder": "/nowhere/mine"}
    with pytest.raises(PlanError, match="'mine' is not the name of a published checkpoint"):
        footprints.generator(options, {})


def test_an_unknown_folder_is_refused() -> None:
    with pytest.raises(PlanError, match="the folder /nowhere/model is not here"):
        footprints.summarizer({"backend": "kobart", "model": "/nowhere/model"}, {})


def within(planned: footprints.Footprint, peak: Peak) -> None:
    """What a real run has at most is foreseen, and not by an absurd margin."""
    foreseen = planned.cache + planned.working
    assert peak.most <= foreseen
    assert foreseen < 6 * peak.most


def test_summaries_stay_within_the_plan(kobart: Path) -> None:
    options = {"backend": "kobart", "model": str(kobart), "max_length": 16, "num_beams": 4}
    model = KoBartSummarizer.load(Source(str(kobart)), KoBartOptions(max_length=16, num_beams=4))
    songs = [[f"{n}번째 풍선을 타고 날아가는 예쁜 꿈" for n in range(60)]] * 4
    with Peak() as peak:
        model.summarize_many(songs)
    planned = footprints.summarizer(options, {"max_batch_size": 4})
    within(planned, peak)
    assert planned.weights == stored(*tensors_of(model._model))


def test_translations_stay_within_the_plan(marian: Path) -> None:
    options = {"backend": "marian", "model": str(marian), "max_length": 16, "num_beams": 4}
    model = load_marian(Source(str(marian)), SearchOptions(max_length=16, num_beams=4))
    sentence = " ".join(f"{n}번째 풍선을 타고" for n in range(12))
    with Peak() as peak:
        model.translate_many([sentence] * 4)
    planned = footprints.translator(options, {"max_batch_size": 4})
    within(planned, peak)
    assert planned.weights == stored(*tensors_of(model._model))


def test_moods_stay_within_the_plan(kobert: Path) -> None:
    model = load_kobert(Source(str(kobert)))
    with Peak() as peak:
        model.classify_many(["풍선을 타고 날아가는 예쁜 꿈 " * 60] * 4)
    options = {"backend": "kobert", "model": str(kobert)}
    planned = footprints.sentiment(options, {"max_batch_size": 4})
    within(planned, peak)
    assert planned.weights == stored(*tensors_of(model._model))
