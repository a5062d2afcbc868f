from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from deployments.config import base, pictures, text
from deployments.config.application import (
    AppOptions,
    HistoryOptions,
    ImagesOptions,
    data_folder,
    database_url,
    named_pictures,
    where_kept,
)
from deployments.config.pictures import EngineSizes, FolderGenerator
from deployments.config.user_config import SamplingTunables, SummarizerTunables
from songdalle_core.imagegen.engine.engine import EngineOptions
from songdalle_core.imagegen.model.options import SamplingOptions
from songdalle_core.pretrained import Dtype
from songdalle_core.reranking import PRECISIONS
from songdalle_core.summarization import SummaryOptions, kobart
from songdalle_core.translation import marian, nllb
from songdalle_core.translation.seq2seq import SearchOptions


def test_engine_sizes_are_the_engines() -> None:
    assert EngineSizes().model_dump() == asdict(EngineOptions())
    with pytest.raises(ValidationError, match="multiple of width"):
        EngineSizes(slots=13, width=12)


def test_a_runtime_that_went_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValidationError, match=r"openvino.*choose auto, native or torch"):
        FolderGenerator.model_validate({"folder": "/models/x", "runtime": "openvino"})


def test_summary_lengths_are_the_summarizers() -> None:
    tunables, options = SummarizerTunables(), SummaryOptions()
    assert (tunables.min_chars, tunables.max_chars) == (options.min_chars, options.max_chars)


@pytest.mark.parametrize("name", ["temperature", "top_p", "guidance"])
def test_sampling_bounds_are_the_samplers(name: str) -> None:
    bounds = SamplingTunables.model_json_schema()["properties"][name]["anyOf"][0]
    SamplingOptions(**{name: bounds["maximum"]})
    outside = [bounds["maximum"] + 0.01]
    outside.append(bounds.get("exclusiveMinimum", 0.99))
    for value in outside:
        with pytest.raises(ValueError, match=name):
            SamplingOptions(**{name: value})


def test_the_backend_chooses_the_fields() -> None:
    options = AppOptions.model_validate({"generator": {"backend": "folder", "folder": "/models"}})
    assert options.generator == FolderGenerator(folder=Path("/models"))


def test_full_models_are_chosen_by_name() -> None:
    chosen = AppOptions.model_validate(
        {
            "summarizer": {"backend": "kobart", "dtype": "float16", "num_beams": 5},
            "translator": {"backend": "nllb"},
            "sentiment": {"backend": "hub", "model": "a/b", "labels": {"joy": "Joyful"}},
            "reranker": {"backend": "siglip2"},
        }
    )
    assert chosen.summarizer == text.KoBartOptions(dtype="float16", num_beams=5)
    assert chosen.translator == text.NllbOptions()
    assert chosen.sentiment == text.HubClassifierOptions(model="a/b", labels={"joy": "Joyful"})
    assert chosen.reranker == pictures.Siglip2Options()
    assert (chosen.reranker.pretrained, chosen.reranker.text) == ("webli", "summary")
    folder = pictures.Siglip2Options(model="local-dir:/models/siglip2")
    assert folder.pretrained is None


@pytest.mark.parametrize(
    "args",
    [
        {"sentiment": {"backend": "kobert"}},
        {"sentiment": {"backend": "hub", "model": "a/b", "labels": {"joy": "Happy"}}},
        {"summarizer": {"backend": "kobart", "num_beams": 0}},
        {"summarizer": {"backend": "textrank", "num_beams": 4}},
        {"translator": {"backend": "marian", "source_language": "kor_Hang"}},
        {"reranker": {"backend": "open_clip", "dtype": "int8"}},
    ],
)
def test_options_that_do_not_fit_are_refused(args: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AppOptions.model_validate(args)


def test_the_defaults_are_the_cores() -> None:
    """The options name models without importing what would load them."""
    kobart_options, search = text.KoBartOptions(), text.MarianOptions()
    assert kobart_options.model == kobart.DEFAULT_MODEL
    assert asdict(kobart.KoBartOptions()).items() <= kobart_options.model_dump().items()
    assert search.model == marian.DEFAULT_MODEL
    assert asdict(SearchOptions()).items() <= search.model_dump().items()
    assert asdict(SearchOptions()).items() <= text.NllbOptions().model_dump().items()
    assert text.NllbOptions().model == nllb.DEFAULT_MODEL
    assert set(get_args(base.Dtype)) == set(get_args(Dtype)) == set(PRECISIONS)


def test_the_environment_names_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SONGDALLE_DATA", str(tmp_path))
    assert data_folder(Path("/configured")) == tmp_path
    monkeypatch.delenv("SONGDALLE_DATA")
    assert data_folder(Path("/configured")) == Path("/configured")
    assert data_folder(None).name == "song-dalle"
    assert data_folder(None).is_absolute()


def test_the_data_folder_is_the_same_wherever_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONGDALLE_DATA", "covers")
    with pytest.raises(ValueError, match="SONGDALLE_DATA is 'covers': give an absolute path"):
        data_folder(None)
    monkeypatch.setenv("SONGDALLE_DATA", "~/covers")
    assert data_folder(None) == Path.home() / "covers"
    with pytest.raises(ValidationError, match="data is 'covers': give an absolute path"):
        AppOptions(data=Path("covers"))
    assert AppOptions(data=Path("~/covers")).data == Path.home() / "covers"


def test_the_log_says_where_cover_sets_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SONGDALLE_DATA", raising=False)
    default = where_kept(AppOptions())
    assert f"jobs and history are kept in {data_folder(None)}, pictures in" in default
    assert "name another folder by args.data, or by SONGDALLE_DATA" in default
    assert where_kept(AppOptions(data=tmp_path)) == (
        f"jobs and history are kept in {tmp_path}, pictures in {tmp_path} (named when this was deployed)"
    )
    history = HistoryOptions(url="postgresql://me:secret@db/covers")
    images = ImagesOptions(url="s3://key:secret@bucket/covers")
    elsewhere = where_kept(AppOptions(history=history, images=images))
    assert elsewhere == (
        "jobs and history are kept in postgresql://db/covers, pictures in s3://bucket/covers"
    )
    monkeypatch.setenv("SONGDALLE_DATA", str(tmp_path))
    assert where_kept(AppOptions(history=history)) == (
        f"jobs and history are kept in postgresql://db/covers, pictures in {tmp_path} (named by SONGDALLE_DATA)"
    )


def test_the_environment_names_database_and_pictures_first(monkeypatch: pytest.MonkeyPatch) -> None:
    history = HistoryOptions(url="postgresql://a@b/c")
    assert database_url(history) == "postgresql://a@b/c"
    assert named_pictures(ImagesOptions()).url is None
    monkeypatch.setenv("SONGDALLE_DATABASE", "postgresql://song:secret@db/song")
    monkeypatch.setenv("SONGDALLE_PICTURES", "s3://bucket/covers")
    assert database_url(history) == "postgresql://song:secret@db/song"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://storage:8333")
    named = ImagesOptions(url="s3://bucket/covers", endpoint_url="http://storage:8333")
    assert named_pictures(ImagesOptions()) == named
    other = ImagesOptions(url="s3://other", endpoint_url="http://elsewhere")
    assert named_pictures(other).endpoint_url == "http://elsewhere"
    monkeypatch.setenv("SONGDALLE_PICTURES", "file:///covers")
    assert named_pictures(ImagesOptions()) == ImagesOptions(url="file:///covers")
    monkeypatch.setenv("SONGDALLE_PICTURES", "s3://bucket/covers")
    told = where_kept(AppOptions(history=history))
    assert "postgresql://db/song" in told
    assert "s3://bucket/covers" in told
    assert "secret" not in told
