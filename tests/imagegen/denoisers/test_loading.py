from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from songdalle_core.artifacts import ModelMissing
from songdalle_core.imagegen.denoisers.loading import DenoiserOptions, load_denoiser
from songdalle_core.imagegen.model.options import DenoisingOptions
from songdalle_core.pretrained import Source
from tests.imagegen.denoisers.conftest import Denoisers, Pipelines
from tests.imagegen.denoisers.parity import SHORT, drawn_by_us
from tests.imagegen.denoisers.tiny_pipelines import PIXELS

OPTIONS = DenoiserOptions(PIXELS, PIXELS, DenoisingOptions(2))


def changed(folder: Path, tmp_path: Path, part: str, **changes: object) -> Path:
    """A copy of a pipeline with other values in one of its JSON files."""
    copy = Path(shutil.copytree(folder, tmp_path / "changed"))
    known = json.loads((copy / part).read_text())
    (copy / part).write_text(json.dumps({**known, **changes}))
    return copy


def test_an_unknown_pipeline_is_refused_with_the_list(pipelines: Pipelines, tmp_path: Path) -> None:
    folder = changed(
        pipelines("flux"), tmp_path, "model_index.json", _class_name="HunyuanDiTPipeline"
    )
    with pytest.raises(
        ValueError, match=r"HunyuanDiTPipeline: choose a model of .*Flux2KleinPipeline"
    ):
        load_denoiser(Source(str(folder)), OPTIONS)


def test_an_unsupported_scheduler_is_refused_with_the_list(
    pipelines: Pipelines, tmp_path: Path
) -> None:
    index = json.loads((pipelines("stable_diffusion") / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", "HeunDiscreteScheduler"]
    folder = changed(pipelines("stable_diffusion"), tmp_path, "model_index.json", **index)
    with pytest.raises(ValueError, match=r"HeunDiscreteScheduler is not supported .*LCMScheduler"):
        load_denoiser(Source(str(folder)), OPTIONS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scheduler": "PNDMScheduler"}, "scheduler 'PNDMScheduler': choose one of Euler"),
        ({"scheduler": "DDIMScheduler"}, "DDIMScheduler is not supported for this model"),
        ({"negative_prompt": "letters"}, "takes none; leave it out"),
    ],
)
def test_what_a_model_cannot_do_is_refused(
    denoisers: Denoisers, options: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        denoisers("flux", **options)


def test_a_size_between_patches_is_refused(pipelines: Pipelines) -> None:
    with pytest.raises(ValueError, match="30 x 32 pixels: choose multiples of 4"):
        load_denoiser(Source(str(pipelines("flux"))), DenoiserOptions(32, 30, DenoisingOptions(2)))


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"no model_index\.json"):
        load_denoiser(Source(str(tmp_path)), OPTIONS)


def test_weights_are_read_from_safetensors_only(pipelines: Pipelines, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(pipelines("flux"), tmp_path / "pickled"))
    (weights,) = (copy / "transformer").glob("*.safetensors")
    torch.save({}, weights.with_suffix(".bin"))
    weights.unlink()
    with pytest.raises(ModelMissing, match="not here as safetensors"):
        load_denoiser(Source(str(copy)), OPTIONS)


def test_half_precision_draws_about_the_same(pipelines: Pipelines) -> None:
    """Noise is drawn in single precision whatever the network's type."""
    single, half = (
        drawn_by_us(
            load_denoiser(Source(str(pipelines("flux")), dtype=dtype), OPTIONS), SHORT, seed=3
        )
        for dtype in ("float32", "bfloat16")
    )
    difference = abs(single.layers.astype(int) - half.layers.astype(int))
    assert 0 < difference.mean() < 4


def test_tiles_are_switched_on(pipelines: Pipelines) -> None:
    tiled = DenoiserOptions(PIXELS, PIXELS, DenoisingOptions(2), vae_tiling=True)
    denoiser = load_denoiser(Source(str(pipelines("z_image"))), tiled)
    assert denoiser.family.pipe.vae.use_tiling
    assert drawn_by_us(denoiser, SHORT, seed=3).layers.shape == (1, PIXELS, PIXELS, 3)
