from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from pydantic import ValidationError

from deployments.options import AppOptions, EngineSizes, FolderGenerator, data_folder
from deployments.tunables import SamplingTunables, SummarizerTunables
from songdalle_core.imagegen.engine import EngineOptions
from songdalle_core.imagegen.sampling import SamplingOptions
from songdalle_core.summarization import SummaryOptions


def test_engine_sizes_are_the_engines() -> None:
    assert EngineSizes().model_dump() == asdict(EngineOptions())
    with pytest.raises(ValidationError, match="multiple of width"):
        EngineSizes(slots=13, width=12)


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


def test_the_environment_names_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SONGDALLE_DATA", str(tmp_path))
    assert data_folder(Path("/configured")) == tmp_path
    monkeypatch.delenv("SONGDALLE_DATA")
    assert data_folder(Path("/configured")) == Path("/configured")
    assert data_folder(None).name == "song-dalle"
