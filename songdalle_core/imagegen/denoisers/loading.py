"""A folder or a page of the model hub, made a `Denoiser`. Weights are read from safetensors only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diffusers
import torch

from songdalle_core.artifacts import ModelMissing
from songdalle_core.imagegen.denoisers.families.family import Family
from songdalle_core.imagegen.denoisers.families.flux import Flux, Flux2Klein
from songdalle_core.imagegen.denoisers.families.qwen_image import QwenImage
from songdalle_core.imagegen.denoisers.families.unet import StableDiffusion, StableDiffusionXL
from songdalle_core.imagegen.denoisers.families.z_image import ZImage
from songdalle_core.imagegen.denoisers.previews import LinearPreview, Previewer, TinyPreview
from songdalle_core.imagegen.denoisers.schedules import DIFFUSION, FLOW, check_scheduler
from songdalle_core.imagegen.model.options import DenoisingOptions
from songdalle_core.pretrained import Source

FAMILIES: dict[str, type[Family]] = {
    pipeline: family
    for family in (StableDiffusion, StableDiffusionXL, Flux, Flux2Klein, ZImage, QwenImage)
    for pipeline in family.PIPELINES
}
"""Family of each pipeline that can be drawn with, by the class name that its model_index.json has."""
_SCHEDULERS = {kind.__name__: kind for kind in (*DIFFUSION, *FLOW)}
_UNWANTED = ("safety_checker", "feature_extractor", "image_encoder")


@dataclass(frozen=True)
class DenoiserOptions:
    """What of a pipeline is fixed when it is loaded.

    Attributes:
        height: of the pictures, in pixels.
        width: of the pictures, in pixels.
        drawing: steps and guidance unless a request has its own.
        prompt_tokens: see `Family`.
        negative_prompt: what to keep away from, where guidance is used; None: what the pipeline takes for it.
        scheduler: class name of one to use in place of the pipeline's own.
        scheduler_options: in place of its configuration's.
        preview_model: folder or hub name of a tiny autoencoder; None fits a linear projection.
        vae_tiling: decode large pictures in tiles, which bounds memory and may show seams.
    """

    height: int
    width: int
    drawing: DenoisingOptions
    prompt_tokens: int | None = None
    negative_prompt: str | None = None
    scheduler: str | None = None
    scheduler_options: Mapping[str, Any] = field(default_factory=dict)
    preview_model: str | None = None
    vae_tiling: bool = False


@dataclass(frozen=True)
class Denoiser:
    """A loaded pipeline and how it draws."""

    name: str
    family: Family
    preview: Previewer
    options: DenoiserOptions


def load_denoiser(source: Source, options: DenoiserOptions) -> Denoiser:
    """Load a pipeline.

    Raises:
        ModelMissing: it is not here and cannot be downloaded, or has no safetensors.
        ValueError: it is of no known family, or cannot draw what the options ask for.
    """
    family = FAMILIES[_pipeline_class(source)]
    pipe = _load_pipeline(source)
    _choose_scheduler(pipe, family, options)
    if options.vae_tiling:
        pipe.vae.enable_tiling()
    drawn = family(pipe, options.height, options.width, options.prompt_tokens)
    if options.negative_prompt is not None and not (
        family.DRAWS_NEGATIVES and drawn.guided(options.drawing.guidance)
    ):
        raise ValueError(
            f"negative_prompt: {source.model} at guidance {options.drawing.guidance:g} takes none; "
            "leave it out"
        )
    drawn.scheduler(options.drawing.steps)
    name = Path(source.model).resolve().name if Path(source.model).is_dir() else source.model
    return Denoiser(name, drawn, _previewer(drawn, source, options), options)


def _pipeline_class(source: Source) -> str:
    """Class name of the pipeline, one of `FAMILIES`."""
    index = json.loads(source.file("model_index.json").read_text(encoding="utf-8"))
    name = str(index.get("_class_name"))
    if name not in FAMILIES:
        raise ValueError(
            f"{source.model} is a {name}: choose a model of one of these pipelines: "
            f"{', '.join(sorted(FAMILIES))}"
        )
    return name


def _load_pipeline(source: Source) -> Any:
    """The pipeline on its device, without what could judge or read pictures."""
    index = json.loads(source.file("model_index.json").read_text(encoding="utf-8"))
    left_out = {name: None for name in _UNWANTED if name in index}
    if "safety_checker" in left_out:
        left_out["requires_safety_checker"] = False  # type: ignore[assignment]
    diffusers.utils.logging.disable_progress_bar()
    try:
        pipe = diffusers.DiffusionPipeline.from_pretrained(
            source.model,
            revision=source.revision,
            dtype=source.torch_dtype,
            use_safetensors=True,
            local_files_only=Path(source.model).is_dir(),
            **left_out,
        )
    except OSError as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelMissing(
            f"the model {source.model!r} is not here as safetensors and could not be downloaded ({reason}): "
            f"run `hf download {source.model}` with a network, or name a folder"
        ) from error
    pipe.to(source.device)
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            part.eval().requires_grad_(False)
    if source.dtype == "float16":
        pipe.vae.to(torch.float32)  # some overflow in float16
    transformer = getattr(pipe, "transformer", None)
    if transformer is not None:
        transformer.set_attention_backend(
            "native"
        )  # the same kernel each time, whatever the environment says
    return pipe


def _choose_scheduler(pipe: Any, family: type[Family], options: DenoiserOptions) -> None:
    """Put the wanted scheduler in, and refuse one that is not proven for the family."""
    kind = type(pipe.scheduler)
    if options.scheduler is not None:
        if options.scheduler not in _SCHEDULERS:
            known = ", ".join(_SCHEDULERS)
            raise ValueError(f"scheduler {options.scheduler!r}: choose one of {known}")
        kind = _SCHEDULERS[options.scheduler]
    if options.scheduler is not None or options.scheduler_options:
        pipe.scheduler = kind.from_config(pipe.scheduler.config, **options.scheduler_options)
    check_scheduler(pipe.scheduler, family.SCHEDULERS)


def _previewer(family: Family, source: Source, options: DenoiserOptions) -> Previewer:
    if options.preview_model is None:
        return LinearPreview(family)
    tiny = Source(options.preview_model, None, source.device, source.dtype)
    loaded = diffusers.AutoencoderTiny.from_pretrained(
        tiny.model, dtype=tiny.torch_dtype, use_safetensors=True
    )
    return TinyPreview(family, loaded.to(tiny.device).eval().requires_grad_(False))
