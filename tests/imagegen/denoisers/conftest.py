"""Tiny pipelines, each built and loaded once; and the library's own drawings to compare with."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from songdalle_core.imagegen.denoisers.loading import Denoiser, DenoiserOptions, load_denoiser
from songdalle_core.imagegen.model.options import DenoisingOptions
from songdalle_core.pretrained import Source
from tests.imagegen.denoisers.tiny_pipelines import PIXELS, write_pipeline

torch.set_num_threads(1)  # the models are tiny: threads would only wait for one another

Pipelines = Callable[[str], Path]
Denoisers = Callable[..., Denoiser]


@pytest.fixture(scope="session")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> Pipelines:
    """The folder of a tiny pipeline of a family."""

    @cache
    def written(family: str) -> Path:
        return write_pipeline(family, tmp_path_factory.mktemp(family))

    return written


@pytest.fixture(scope="session")
def denoisers(pipelines: Pipelines) -> Denoisers:
    """A loaded tiny pipeline of a family."""

    @cache
    def loaded(family: str, steps: int = 4, guidance: float = 0.0, **options: Any) -> Denoiser:
        drawing = DenoisingOptions(steps, guidance)
        made = DenoiserOptions(PIXELS, PIXELS, drawing, **options)
        return load_denoiser(Source(str(pipelines(family))), made)

    return loaded
