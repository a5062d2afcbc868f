"""CLIP scores: how well each candidate fits the prompt (Radford et al., 2021, arXiv 2103.00020)."""

from __future__ import annotations

import difflib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from PIL import Image
from torch import Tensor

from songdalle_core.artifacts import WEIGHTS, ModelMissing, read_sums, verified
from songdalle_core.prototypes import Prototypes
from songdalle_core.recaptioning import Recaptioner

EMBEDDED = "embedded"
LOCAL_DIR = "local-dir:"
HUB = "hf-hub:"
CONFIG_FILE = "open_clip_config.json"
WEIGHTS_FILE = "open_clip_model.safetensors"
_FOLDER = "clip"
PIXELS = ("mean", "std", "interpolation", "resize_mode")
PRECISIONS = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
PROFILES = {
    "ViT-B-32/laion2b_s34b_b79k": "clip",
    "ViT-B-32-SigLIP2-256/webli": "siglip2",
}
"""Models that `scripts/operations/download_weights.py` knows, and what it calls them."""
DECIMALS = 3  # of a score that count: its place in a batch may change the next
STRENGTH = 3.0
"""Of the prototypes' fit beside the logits of the whole caption."""
_CACHED_PROMPTS = 256


class ClipReranker:
    """Scores images against one prompt with any model that open_clip can build.

    Safe to share between threads.
    """

    def __init__(
        self,
        model: Any,
        preprocess: Callable[[Image.Image], Tensor],
        tokenizer: Callable[[list[str]], Tensor],
        *,
        name: str,
        device: torch.device,
        dtype: torch.dtype = torch.float32,
        recaptioner: Recaptioner | None = None,
        prototypes: Prototypes | None = None,
    ) -> None:
        self.name = name
        self.device = device
        self._model = model.eval()
        self._dtype = dtype
        self._preprocess = preprocess
        self._tokenizer = tokenizer
        self._recaptioner = recaptioner
        self._prototypes = prototypes
        self._texts: OrderedDict[str, Tensor] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        model: str = EMBEDDED,
        pretrained: str | None = None,
        device: str = "cpu",
        dtype: str = "float32",
    ) -> ClipReranker:
        """Build a reranker through open_clip's own factory.

        Args:
            model: "embedded" (the model shipped with this package, its SHA-256 checked);
                "local-dir:<folder>" (open_clip_config.json, open_clip_model.safetensors and
                tokenizer files; never downloads; with a captions.json its prompts are rewritten
                into captions such as it was trained on, and with a prototypes.safetensors what they say is
                also looked for in the pictures, see `Prototypes`); a name open_clip knows, such as "ViT-B-32";
                or "hf-hub:<organisation>/<repository>".
            pretrained: tag of the weights ("laion2b_s34b_b79k") or path of a checkpoint; for
                open_clip's own names only, and required there.
            device: torch device, "cpu" or "cuda:0".
            dtype: of the weights and products, one of `PRECISIONS`; norms stay in single precision.
                float16 needs a GPU.

        Raises:
            ValueError: unknown model, tag, device or dtype, or an incomplete folder.
            songdalle_core.artifacts.WeightsError: an embedded file is missing or damaged, or a published
                model is neither here nor to be downloaded.
        """
        source = LOCAL_DIR + str(embedded_folder()) if model == EMBEDDED else model
        _check(source, pretrained)
        target = _device(device)
        precision = _precision(dtype, target)
        name = model if pretrained is None else f"{model}/{pretrained}"
        try:
            built, preprocess = open_clip.create_model_from_pretrained(
                source,
                pretrained=pretrained,
                precision=precision,
                device=target,
                **_training(source, pretrained),
            )
            tokenizer = open_clip.get_tokenizer(source)
        except (OSError, RuntimeError) as error:
            raise ModelMissing(_missing(name, error)) from error
        folder = Path(source.removeprefix(LOCAL_DIR)) if source.startswith(LOCAL_DIR) else None
        prototypes = Prototypes.of(folder) if folder else None
        return cls(
            built,
            preprocess,
            tokenizer,
            name=name,
            device=target,
            dtype=getattr(torch, dtype),
            recaptioner=Recaptioner.of(folder) if folder else None,
            prototypes=prototypes.to(target) if prototypes else None,
        )

    def score(self, prompt: str, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """open_clip's image logits: logit scale * cosine similarity, plus the bias if there is one.

        For a CLIP (softmax) model that is about 100 * cosine; for a SigLIP model it is the logit
        of the sigmoid. A model with prototypes adds `STRENGTH` times their fit, which is at most 0. Either way
        only images of one prompt can be compared.

        Args:
            prompt: any text; tokens beyond the model's context are cut.
            images: uint8, (N, H, W, 3).

        Returns:
            float32, (N,).

        Raises:
            ValueError: wrong dtype or shape.
        """
        return self.compare(prompt, images)[0]

    def read(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors (T, D) of texts that many pictures will be compared with: see `compare`."""
        with torch.inference_mode():
            tokens = self._tokenizer(list(texts)).to(self.device)  # (T, context)
            features: Tensor = self._model.encode_text(tokens, normalize=True).float()
        return features

    def compare(
        self, prompt: str, images: npt.NDArray[np.uint8], panel: Tensor | None = None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """The scores of images and their logits for other texts, in one pass of the image tower.

        Args:
            prompt: see `score`.
            images: uint8, (N, H, W, 3).
            panel: (T, D), what `read` gave; None for no other texts.

        Returns:
            float32 (N,), as `score` gives them, and float32 (N, T).

        Raises:
            ValueError: wrong dtype or shape.
        """
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
            raise ValueError(
                f"expected uint8 of shape (N, H, W, 3), got {images.dtype} of {images.shape}"
            )
        others = 0 if panel is None else len(panel)
        if len(images) == 0:
            return np.zeros(0, dtype=np.float32), np.zeros((0, others), dtype=np.float32)
        with torch.inference_mode():
            text = self._text_features(prompt)  # (D,)
            pixels = self._pixels(images)  # (N, 3, S, S)
            # half precision would leave the logits of a batch a handful of values
            features = self._model.encode_image(pixels, normalize=True).float()  # (N, D)
            scores = self._logits(features @ text) + self._fit(prompt, features)
            if panel is None:
                return scores, np.zeros((len(images), 0), dtype=np.float32)
            return scores, self._logits(features @ panel.T)

    def _fit(self, prompt: str, features: Tensor) -> npt.NDArray[np.float32]:
        """What the prototypes add to the scores (N,)."""
        reading = self._recaptioner.read(prompt) if self._recaptioner else None
        if reading is None or self._prototypes is None:
            return np.zeros(len(features), dtype=np.float32)
        fit: npt.NDArray[np.float32] = self._prototypes.fit(features, reading.said).cpu().numpy()
        return STRENGTH * fit

    def _logits(self, cosines: Tensor) -> npt.NDArray[np.float32]:
        logits = self._model.logit_scale.float().exp() * cosines
        if self._model.logit_bias is not None:
            logits = logits + self._model.logit_bias
        found: npt.NDArray[np.float32] = logits.float().cpu().numpy()
        return found

    def rank(self, prompt: str, images: npt.NDArray[np.uint8]) -> list[int]:
        """Indices of `images`, best fit first; equal scores keep their order. See `score`."""
        return best_first(np.round(self.score(prompt, images), DECIMALS))

    def _pixels(self, images: npt.NDArray[np.uint8]) -> Tensor:
        # The model's own transform works on PIL images. Resizing a tensor instead differs from it
        # by rounding, enough to swap near ties; twelve small covers take a few milliseconds.
        batch = [self._preprocess(Image.fromarray(image)) for image in images]
        return torch.stack(batch).to(self.device, self._dtype)

    def _text_features(self, prompt: str) -> Tensor:
        with self._lock:
            if prompt in self._texts:
                self._texts.move_to_end(prompt)
                return self._texts[prompt]
        text = self._recaptioner.caption(prompt) if self._recaptioner else prompt
        tokens = self._tokenizer([text]).to(self.device)  # (1, context)
        features: Tensor = self._model.encode_text(tokens, normalize=True)[0].float()
        with self._lock:
            self._texts[prompt] = features
            if len(self._texts) > _CACHED_PROMPTS:
                self._texts.popitem(last=False)
        return features


def best_first(scores: Sequence[float] | npt.NDArray[np.float32]) -> list[int]:
    """Indices by falling score; ties in the order given, NaN last."""
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    return [int(index) for index in order]


def embedded_folder() -> Path:
    """Folder of the embedded model after every file in it was checked against SHA256SUMS.

    Raises:
        WeightsError: a file is missing, damaged, or present without being listed.
    """
    root = WEIGHTS
    required = {f"{_FOLDER}/{CONFIG_FILE}", f"{_FOLDER}/{WEIGHTS_FILE}"}
    listed = {name for name in read_sums(root) if name.startswith(f"{_FOLDER}/")}
    present = {path.relative_to(root).as_posix() for path in _files(root / _FOLDER)}
    for name in sorted(required | listed | present):
        verified(name, root)
    return root / _FOLDER


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _check(model: str, pretrained: str | None) -> None:
    """Refuse what the factory would answer with a download attempt or an unclear error."""
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
        given = "needs" if pretrained is None else f"has no weights {pretrained!r}: choose"
        raise ValueError(
            f"{model} {given} a pretrained tag ({', '.join(tags) or 'none published'}) "
            "or the path of a checkpoint"
        )


def _training(model: str, pretrained: str | None) -> dict[str, Any]:
    """How a built-in model's published weights were trained, in words of open_clip's factory.

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
    pixels = [{name: tag.get(name) for name in PIXELS} for tag in tags]
    if not pixels or any(each != pixels[0] for each in pixels):
        return {}
    return {f"image_{name}": value for name, value in pixels[0].items()}


def _missing(name: str, error: Exception) -> str:
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


def _precision(dtype: str, device: torch.device) -> str:
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


def _device(device: str) -> torch.device:
    try:
        target = torch.device(device)
        torch.empty(0, device=target)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"device {device!r} cannot be used here ({error}): try 'cpu'") from error
    return target
