"""What is kept of a cover beside its picture: enough to finish it anew, and to draw others like it.

The codes of its layers, the seeds that decide the rest, and the pixels under its notice: 15 kB beside a picture
of 400. A file of safetensors, which runs no code when it is read.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from songdalle_core.seeds import CoverSeeds

_FACTS = "facts"


@dataclass(frozen=True, eq=False)
class CoverDrawing:
    """What a cover was made from.

    Attributes:
        seeds: that decided all but the codes.
        codes: (N, h, w, D), of generators that draw codes.
        corner: uint8 (h, w, 3), what the notice in the lower right corner covers.
    """

    seeds: CoverSeeds
    codes: npt.NDArray[np.uint16] | None
    corner: npt.NDArray[np.uint8]

    def packed(self) -> bytes:
        """The file."""
        facts = np.frombuffer(json.dumps(asdict(self.seeds)).encode(), dtype=np.uint8)
        arrays = {_FACTS: facts, "corner": np.ascontiguousarray(self.corner)}
        if self.codes is not None:
            arrays["codes"] = np.ascontiguousarray(self.codes, dtype=np.uint16)
        return save(arrays)

    @classmethod
    def unpacked(cls, content: bytes) -> CoverDrawing:
        """The drawing of a file.

        Raises:
            ValueError: it is none.
        """
        try:
            arrays = load(content)
            seeds = CoverSeeds(**json.loads(arrays[_FACTS].tobytes()))
            return cls(seeds, arrays.get("codes"), arrays["corner"])
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no drawing of a cover: {error}") from error

    def uncovered(self, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """A labelled picture without its notice."""
        height, width = self.corner.shape[:2]
        whole = picture.copy()
        whole[len(picture) - height :, picture.shape[1] - width :] = self.corner
        return whole
