"""Where a reranker's model comes from: the embedded folder, a local one, a name of open_clip, or the hub."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import open_clip
import torch

from songdalle_core.artifacts import WEIGHTS, read_sums, verified

EMBEDDED = "embedded"
LOCAL_DIR = "local-dir:"
HUB = "hf-hub:"
CONFIG_FILE = "open_clip_config.json"
WEIGHTS_FILE = "open_clip_model.safetensors"
PRECISIONS = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
"""Types of the weights and products, and open_clip's names for them."""
PROFILES = {
    "ViT-B-32/laion2b_s34b_b79k": "clip",
    "ViT-B-32-SigLIP2-256/webli": "siglip2",
}
"""Models that `scripts/operations/download_weights.py` knows, and what it calls them."""
_FOLDER = "clip"
_PIXELS = ("mean", "std", "interpolation", "resize_mode")


def embedded_folder() -> Path:
    """Folder of the embedded model after every file in it was checked against SHA256SUMS.

    Raises:
        WeightsError: a file is missing, damaged, or present without being listed.
    """
    required = {f"{_FOLDER}/{CONFIG_FILE}", f"{_FOLDER}/{WEIGHTS_FILE}"}
    listed = {name for name in read_sums(WEIGHTS) if name.startswith(f"{_FOLDER}/")}
    present = {path.relative_to(WEIGHTS).as_posix() for path in _files(WEIGHTS / _FOLDER)}
    for name in sorted(required | listed | present):
        verified(name, WEIGHTS)
    return WEIGHTS / _FOLDER


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def check_source(model: str, pretrained: str | None) -> None:
    """Refuse a source that open_clip's factory would answer with a download attempt or an unclear error.

    Raises:
        ValueError: unknown model or tag, or an incomplete folder.
    """
    if model.startswith(LOCAL_DIR):
        _check_folder(Path(model.removeprefix(LOCAL_DIR)))
    elif not model.startswith(HUB):
        _check_name(model, pretrained)
        return
    if pretrained is not None:
        raise ValueError(f"{model} brings its own weights: leave out pretrained={pretrained!r}")


def _check_name(model: str, pretrained: str | None) -> None:
    names = open_clip.list_models()
    if model not in names:
        close = difflib.get_close_matches(model, names, n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(close)}? " if close else ""
        raise ValueError(
            f"open_clip knows no model {model!r}: {hint}Give a name from open_clip.list_models(), "
            f"'{EMBEDDED}', '{LOCAL_DIR}<folder>' or '{HUB}<organisation>/<repository>'"
        )
    tags = open_clip.list_pretrained_tags_by_model(model)
    known = pretrained is not None and open_clip.get_pretrained_cfg(model, pretrained)
    if not known and not (pretrained and Path(pretrained).is_file()):
        problem = "needs" if pretrained is None else f"has no weights {pretrained!r}: choose"
        raise ValueError(
            f"{model} {problem} a pretrained tag ({', '.join(tags) or 'none published'}) "
            "or the path of a checkpoint"
        )


def training_options(model: str, pretrained: str | None) -> dict[str, Any]:
    """Keyword arguments of open_clip's factory that say how a built-in model's weights were trained.

    open_clip itself only takes the pixels' treatment from a tag, none of it for a checkpoint file, and for
    an activation of its own it only warns. For a file the model's published tags stand in where they agree.
    """
    if pretrained is None:
        return {}
    tag = open_clip.get_pretrained_cfg(model, pretrained)
    if tag:
        return {"force_quick_gelu": bool(tag.get("quick_gelu"))}
    tags = [
        open_clip.get_pretrained_cfg(model, name)
        for name in open_clip.list_pretrained_tags_by_model(model)
    ]
    pixels = [{name: tag.get(name) for name in _PIXELS} for tag in tags]
    if not pixels or any(each != pixels[0] for each in pixels):
        return {}
    return {f"image_{name}": value for name, value in pixels[0].items()}


def missing_message(name: str, error: Exception) -> str:
    """Why the model `name` could not be loaded, and what to run."""
    reason = str(error).strip().partition("\n")[0]
    if Path(name.removeprefix(LOCAL_DIR)).is_dir():
        return f"{name} cannot be loaded: {reason}"
    profile = PROFILES.get(name)
    command = f"python scripts/operations/download_weights.py {profile}" if profile else None
    run = f"run `{command}` with a network, or " if command else ""
    return (
        f"the reranker {name!r} cannot be loaded ({reason}): {run}unset HF_HUB_OFFLINE where it may be "
        f"downloaded, or give a folder as '{LOCAL_DIR}<folder>'"
    )


def precision_of(dtype: str, device: torch.device) -> str:
    """open_clip's name of a precision.

    Raises:
        ValueError: unknown, or not to be had on the device.
    """
    if dtype not in PRECISIONS:
        raise ValueError(f"dtype {dtype!r}: give one of {', '.join(PRECISIONS)}")
    if dtype == "float16" and device.type != "cuda":
        raise ValueError(f"float16 needs a GPU, not {device}: give bfloat16 or float32")
    return PRECISIONS[dtype]


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ValueError(f"{LOCAL_DIR}{folder}: no such folder")
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise ValueError(f"{folder} has no {CONFIG_FILE}: it is not an open_clip model folder")
    try:
        text = json.loads(path.read_text(encoding="utf-8"))["model_cfg"]["text_cfg"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not an open_clip configuration: {error!r}") from error
    weights = [file for kind in ("*.safetensors", "*.bin", "*.pth") for file in folder.glob(kind)]
    if not weights:
        raise ValueError(f"{folder} has no weights: put {WEIGHTS_FILE} there")
    if text.get("hf_tokenizer_name") and not (folder / "tokenizer_config.json").is_file():
        raise ValueError(f"{folder} has no tokenizer_config.json, but its tokenizer is to be there")
    tower = text.get("hf_model_name")
    if tower and not Path(tower).is_dir():
        raise ValueError(
            f"{path} takes its text tower from {tower!r}, which would be downloaded: name the "
            "model to open_clip directly, or give a local folder as hf_model_name"
        )


def device_of(device: str) -> torch.device:
    """The torch device of a name, tried out.

    Raises:
        ValueError: it cannot be used here.
    """
    try:
        target = torch.device(device)
        torch.empty(0, device=target)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"device {device!r} cannot be used here ({error}): try 'cpu'") from error
    return target
