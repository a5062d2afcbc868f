"""CLIP scores: how well each candidate fits the prompt (Radford et al., 2021, arXiv 2103.00020)."""

from __future__ import annotations

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

from songdalle_core.artifacts import ModelMissing
from songdalle_core.captions.recaptioning import Recaptioner
from songdalle_core.reranking.prototypes import Prototypes
from songdalle_core.reranking.sources import (
    EMBEDDED,
    LOCAL_DIR,
    check_source,
    device_of,
    embedded_folder,
    missing_message,
    precision_of,
    training_options,
)

DECIMALS = 3
"""Decimals of a score that count: the next may change with an image's place in the batch."""
STRENGTH = 3.0
"""Weight of the prototypes' fit beside the logits of the whole caption."""
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
                into captions such as it was trained on, and with a prototypes.safetensors the fit of
                `Prototypes` is added to the scores); a name open_clip knows, such as "ViT-B-32";
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
        check_source(source, pretrained)
        target = device_of(device)
        precision = precision_of(dtype, target)
        name = model if pretrained is None else f"{model}/{pretrained}"
        try:
            built, preprocess = open_clip.create_model_from_pretrained(
                source,
                pretrained=pretrained,
                precision=precision,
                device=target,
                **training_options(source, pretrained),
            )
            tokenizer = open_clip.get_tokenizer(source)
        except (OSError, RuntimeError) as error:
            raise ModelMissing(missing_message(name, error)) from error
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

    @property
    def side(self) -> int:
        """Pixels a side that the image tower sees."""
        size = self._model.visual.image_size
        return int(size if isinstance(size, int) else max(size))

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
            panel: (T, D), unit vectors of the other texts from `read`; None for no other texts.

        Returns:
            float32 (N,), as `score` gives them, and float32 (N, T).

        Raises:
            ValueError: wrong dtype or shape.
        """
        others = 0 if panel is None else len(panel)
        features = self.features(images)
        if len(images) == 0:
            return np.zeros(0, dtype=np.float32), np.zeros((0, others), dtype=np.float32)
        with torch.inference_mode():
            text = self._text_features(prompt)  # (D,)
            scores = self._logits(features @ text) + self._fit(prompt, features)
            if panel is None:
                return scores, np.zeros((len(images), 0), dtype=np.float32)
            return scores, self._logits(features @ panel.T)

    def features(self, images: npt.NDArray[np.uint8]) -> Tensor:
        """Unit vectors (N, D) of images, uint8 (N, H, W, 3).

        Raises:
            ValueError: wrong dtype or shape.
        """
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
            raise ValueError(
                f"expected uint8 of shape (N, H, W, 3), got {images.dtype} of {images.shape}"
            )
        if len(images) == 0:
            return torch.zeros(0, 0, device=self.device)
        with torch.inference_mode():
            pixels = self._pixels(images)  # (N, 3, S, S)
            # half precision would leave the logits of a batch a handful of values
            features: Tensor = self._model.encode_image(pixels, normalize=True).float()
        return features

    def _fit(self, prompt: str, features: Tensor) -> npt.NDArray[np.float32]:
        """What the prototypes add to the scores of images with unit vectors `features` (N, D), as (N,)."""
        reading = self._recaptioner.read(prompt) if self._recaptioner else None
        if reading is None or self._prototypes is None:
            return np.zeros(len(features), dtype=np.float32)
        fit: npt.NDArray[np.float32] = self._prototypes.fit(features, reading.values).cpu().numpy()
        return STRENGTH * fit

    def _logits(self, cosines: Tensor) -> npt.NDArray[np.float32]:
        logits = self._model.logit_scale.float().exp() * cosines
        if self._model.logit_bias is not None:
            logits = logits + self._model.logit_bias
        array: npt.NDArray[np.float32] = logits.float().cpu().numpy()
        return array

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
