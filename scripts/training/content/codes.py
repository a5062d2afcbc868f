"""The codes of every layer, made once: what the transformer learns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors import safe_open
from torch import Tensor

from scripts.training.saving import save_weights

FILE = "codes.safetensors"


@dataclass(frozen=True)
class CachedCodes:
    """Captions and codes of all layers, and the weights that made them.

    Attributes:
        codes: int64 (N, h, w, D), one code map a caption.
        frozen: encoder and codebooks by their names in the RQ-VAE.
    """

    captions: list[str]
    codes: Tensor
    frozen: dict[str, Tensor]

    @classmethod
    def read(cls, folder: Path) -> CachedCodes | None:
        """The codes in a folder; None where there are none."""
        path = folder / FILE
        if not path.is_file():
            return None
        with safe_open(path, "pt") as file:
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            captions = json.loads(file.metadata()["captions"])
        return cls(captions, state.pop("codes").long(), state)

    def write(self, folder: Path) -> None:
        """Store in a folder as `read` reads them."""
        state = {"codes": self.codes.short(), **self.frozen}
        save_weights(folder / FILE, state, {"captions": json.dumps(self.captions)})
