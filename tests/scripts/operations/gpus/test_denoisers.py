"""Denoisers counted on shapes take what the loaded pipelines take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from scripts.operations.gpus.denoisers import KNOWN, denoiser, networks
from scripts.operations.gpus.errors import PlanError
from scripts.operations.gpus.memory import stored, tensors_of
from songdalle_core.imagegen.denoisers.loading import DenoiserOptions, load_denoiser
from songdalle_core.imagegen.model.options import DenoisingOptions
from songdalle_core.pretrained import Source
from tests.imagegen.denoisers.tiny_pipelines import FAMILIES, PIXELS, write_pipeline

SIZE = {"width": PIXELS, "height": PIXELS}


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_weights_are_the_loaded_pipelines(family: str, tmp_path: Path) -> None:
    folder = write_pipeline(family, tmp_path / family)
    planned = denoiser({"model": str(folder), **SIZE, "engine": {"width": 2, "slots": 12}}, {})
    loaded = load_denoiser(
        Source(str(folder)), DenoiserOptions(PIXELS, PIXELS, DenoisingOptions(2))
    )
    parts = [p for p in loaded.family.pipe.components.values() if isinstance(p, torch.nn.Module)]
    assert planned.weights == pytest.approx(stored(*tensors_of(*parts)), rel=0.02)
    assert planned.working > 0
    assert planned.model == f"{family} (float32)"


def test_wider_calls_and_larger_pictures_take_more(tmp_path: Path) -> None:
    folder = write_pipeline("flux", tmp_path / "flux")
    options: dict[str, Any] = {"model": str(folder), **SIZE}
    one, four = (denoiser({**options, "engine": {"width": w}}, {}) for w in (1, 4))
    large = denoiser({**options, "width": 4 * PIXELS, "engine": {"width": 1}}, {})
    assert one.weights == four.weights
    assert one.working < four.working
    assert one.working < large.working


@pytest.mark.parametrize(
    ("model", "parameters"),
    [("flux2-klein-4b", 7.98e9), ("z-image-turbo", 10.26e9), ("qwen-image-2512", 28.85e9)],
)
def test_known_models_have_the_parameters_of_their_cards(model: str, parameters: float) -> None:
    parts = networks(f"/models/{model}")
    assert model in KNOWN
    counted = sum(p.numel() for part in parts.values() for p in part.parameters())
    assert counted == pytest.approx(parameters, rel=0.01)


def test_another_folder_that_is_not_here_is_told() -> None:
    with pytest.raises(PlanError, match="'mine' is not the name of a known model"):
        networks("/models/mine")
