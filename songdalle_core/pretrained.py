"""Published transformers: loading them, and batches for them. Imported only where one is chosen.

A model is a folder or a name on the model hub ("owner/name"). A folder never touches the network; a name
is looked up in the hub's cache and, unless HF_HUB_OFFLINE is set, downloaded when it is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import torch
import transformers
from huggingface_hub import hf_hub_download
from torch import Tensor

from songdalle_core.artifacts import ModelMissing
from songdalle_core.vocabularies import check_tokenizer

Dtype = Literal["float32", "float16", "bfloat16"]

PROFILES = {
    "gogamza/kobart-summarization": "kobart",
    "gogamza/kobart-base-v2": "kobart-base",
    "skt/kobert-base-v1": "kobert",
    "Helsinki-NLP/opus-mt-ko-en": "marian",
    "facebook/nllb-200-distilled-600M": "nllb",
}
"""Models that `scripts/operations/download_weights.py` knows, and what it calls them."""


@dataclass(frozen=True, slots=True)
class Source:
    """Which model to load and where to run it.

    Attributes:
        model: a folder, or a name on the hub.
        revision: branch, tag or commit on the hub; its default branch if None.
        device: torch device, "cpu" or "cuda:0".
        dtype: of the weights and products; float16 needs a GPU.

    Raises:
        ValueError: an unknown dtype, or float16 without a GPU.
    """

    model: str
    revision: str | None = None
    device: str = "cpu"
    dtype: Dtype = "float32"

    def __post_init__(self) -> None:
        if self.dtype not in get_args(Dtype):
            raise ValueError(f"dtype {self.dtype!r}: give one of {', '.join(get_args(Dtype))}")
        if self.dtype == "float16" and not self.device.startswith("cuda"):
            raise ValueError(f"float16 needs a GPU, not {self.device}: give bfloat16 or float32")

    @property
    def torch_dtype(self) -> torch.dtype:
        """`dtype` as torch names it."""
        return getattr(torch, self.dtype)

    def load_model(self, kind: Any, new: tuple[str, ...] = (), **changes: Any) -> Any:
        """`kind.from_pretrained` on the device, in evaluation mode.

        Args:
            new: beginnings of the names of weights that may be missing, and are random then.
            changes: to the model's configuration.

        Raises:
            ModelMissing: there is no such model here and none can be downloaded, or its file lacks weights
                that this kind needs, which would be left random.
        """
        model, report = self._from_pretrained(
            kind, dtype=self.torch_dtype, output_loading_info=True, **changes
        )
        missing = [name for name in report["missing_keys"] if not name.startswith(new)]
        if missing:
            lacking = ", ".join(sorted(missing)[:3])
            raise ModelMissing(
                f"{self.model} is no trained {kind.__name__}: it has no {lacking}; name a model that "
                "was trained for this task"
            )
        return model.to(self.device).eval().requires_grad_(False)

    def load_tokenizer(self, kind: Any, *vocabularies: str) -> Any:
        """`kind.from_pretrained`.

        Args:
            vocabularies: files of which one must be there: without any, `transformers` makes up a
                tokenizer that knows no words, and says nothing.

        Raises:
            ModelMissing: there is no such model here and none can be downloaded, or its tokenizer does not
                read Korean as the model was trained to.
        """
        for number, name in enumerate(vocabularies, start=1):
            try:
                self.file(name)
                break
            except ModelMissing:
                if number == len(vocabularies):
                    raise
        try:
            tokenizer = self._from_pretrained(kind)
        except ModelMissing:
            raise
        except Exception as error:  # whatever a class raises at a file that is not its own
            reason = str(error).strip().partition("\n")[0]
            raise ModelMissing(
                f"{self.model} has no tokenizer for {kind.__name__}: {reason}"
            ) from error
        try:
            written = self.file("tokenizer.json")
        except ModelMissing:
            written = None
        check_tokenizer(self.model, tokenizer, written)
        return tokenizer

    def file(self, name: str) -> Path:
        """Path of one file of the model.

        Raises:
            ModelMissing: the folder or the hub's model has no such file.
        """
        if self._is_folder:
            path = Path(self.model, name)
            if not path.is_file():
                raise ModelMissing(f"{self.model} has no {name}: it is not the model wanted here")
            return path
        try:
            return Path(hf_hub_download(self.model, name, revision=self.revision))
        except (OSError, ValueError) as error:
            raise ModelMissing(self._missing(error)) from error

    @property
    def _is_folder(self) -> bool:
        return Path(self.model).is_dir()

    def _from_pretrained(self, kind: Any, **options: Any) -> Any:
        transformers.utils.logging.disable_progress_bar()
        try:
            return kind.from_pretrained(
                self.model,
                revision=self.revision or "main",
                local_files_only=self._is_folder,
                **options,
            )
        except OSError as error:
            raise ModelMissing(self._missing(error)) from error

    def _missing(self, error: Exception) -> str:
        reason = str(error).strip().partition("\n")[0]
        if self._is_folder:
            return f"{self.model} is no whole model: {reason}"
        profile = PROFILES.get(self.model)
        command = f"python scripts/operations/download_weights.py {profile}" if profile else None
        command = command or f"hf download {self.model}"
        return (
            f"the model {self.model!r} is neither a folder nor in the model hub's cache, and could "
            f"not be downloaded ({reason}): run `{command}` with a network, or name a folder"
        )


def length_groups(lengths: Sequence[int], budget: int, *, shortest: float = 0.0) -> list[list[int]]:
    """Indices in groups, sorted by falling length, so that memory stays bounded and little is padded.

    Args:
        lengths: tokens of each row.
        budget: most tokens of a group, padding included; a longer row is a group of its own.
        shortest: least length of a row, as a share of its group's longest. Parting costs a call more,
            which pays where the padding would be computed, less so where tokens are written one by one.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if groups:
            longest = lengths[groups[-1][0]]
            fits = (len(groups[-1]) + 1) * longest <= budget
            if fits and lengths[index] >= shortest * longest:
                groups[-1].append(index)
                continue
        groups.append([index])
    return groups


def padded(rows: Sequence[Sequence[int]], padding: int, device: str) -> tuple[Tensor, Tensor]:
    """Token ids (rows, longest), padded to the right, and their attention mask, both int64."""
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), padding, dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
        mask[number, : len(row)] = 1
    return ids.to(device), mask.to(device)


def generate_texts(
    model: Any,
    tokenizer: Any,
    rows: Sequence[Sequence[int]],
    *,
    padding: int,
    batch_tokens: int,
    **search: Any,
) -> list[str]:
    """Text that an encoder-decoder model writes for each row of token ids, in batches of like length.

    Args:
        padding: token id that fills rows up.
        batch_tokens: most tokens of a batch, padding included.
        search: options of `model.generate`; nothing is sampled.
    """
    texts = [""] * len(rows)
    for group in length_groups([len(row) for row in rows], batch_tokens):
        ids, mask = padded([rows[index] for index in group], padding, str(model.device))
        with torch.inference_mode():
            written = model.generate(
                input_ids=ids, attention_mask=mask, do_sample=False, **search
            )  # (rows of the group, tokens)
        decoded = tokenizer.batch_decode(written, skip_special_tokens=True)
        for index, text in zip(group, decoded, strict=True):
            texts[index] = text
    return texts
