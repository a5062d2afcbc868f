"""Class prototypes of a CLIP: a point in its image space for each value of each field of a scene.

A caption is one vector, in which the subject competes with the place, the light and the mood. While the
embedded CLIP was trained, each value of each field also had a point of its own that pictures showing it
were drawn to (NormFace, Wang et al., 2017, arXiv 1704.06369; Yang et al., "Unified Contrastive Learning in
Image-Text-Label Space", CVPR 2022, arXiv 2204.03610). Asked one field at a time, how near a picture is to
the point rather than to its rivals tells far better whether it shows, say, a cat.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

FILE = "prototypes.safetensors"
SOFTNESS = 0.7
"""Share of the learnt logit scale: drawn pictures are less sharp than those it was learnt on."""


class Prototypes:
    """Points of all values of all fields; safe to share between threads.

    Args:
        values: the V values of each field.
        points: float (V, D) for each field, of any length.
        scales: logit scale of each field, as learnt.

    Raises:
        ValueError: the three do not fit one another.
    """

    def __init__(
        self,
        values: Mapping[str, Sequence[str]],
        points: Mapping[str, Tensor],
        scales: Mapping[str, float],
    ) -> None:
        if not values.keys() == points.keys() == scales.keys():
            raise ValueError(f"values of {sorted(values)}, points of {sorted(points)}")
        for field, names in values.items():
            if points[field].ndim != 2 or len(points[field]) != len(names):
                raise ValueError(f"{field}: {len(names)} values, points {points[field].shape}")
        self.values = {field: tuple(names) for field, names in values.items()}
        self.scales = dict(scales)
        self.points = {field: F.normalize(each.float(), dim=1) for field, each in points.items()}
        self._numbers = {
            field: {name: k for k, name in enumerate(names)} for field, names in values.items()
        }

    @classmethod
    def of(cls, folder: Path) -> Prototypes | None:
        """The prototypes in a CLIP's folder; None where it has none.

        Raises:
            ValueError: the file holds no prototypes.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            with safe_open(path, "pt") as file:
                metadata = file.metadata() or {}
                points = {field: file.get_tensor(field) for field in file.keys()}  # noqa: SIM118
            return cls(json.loads(metadata["values"]), points, json.loads(metadata["scales"]))
        except (SafetensorError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} holds no prototypes: {error!r}") from error

    def write(self, folder: Path) -> Path:
        """Store in a folder, in half precision, as `of` reads them."""
        path = folder / FILE
        points = {field: each.half().contiguous() for field, each in self.points.items()}
        metadata = {"values": json.dumps(self.values), "scales": json.dumps(self.scales)}
        save_file(points, path, metadata)
        return path

    def to(self, device: torch.device) -> Prototypes:
        """Move the points."""
        self.points = {field: each.to(device) for field, each in self.points.items()}
        return self

    def fit(self, features: Tensor, wanted: Mapping[str, Sequence[str]]) -> Tensor:
        """How well pictures show the wanted values: the sum of their log-probabilities over the fields.

        Args:
            features: unit vectors (N, D) of pictures.
            wanted: the values of each field; the log-probabilities of several are averaged. Fields and
                values without a point are left out.

        Returns:
            float (N,), at most 0; the best is 0.
        """
        total = features.new_zeros(len(features))
        for field, names in wanted.items():
            numbers = self._numbers.get(field, {})
            rows = [numbers[name] for name in names if name in numbers]
            if not rows:
                continue
            scale = SOFTNESS * self.scales[field]
            logits = scale * features @ self.points[field].T  # (N, V)
            total = total + F.log_softmax(logits, dim=1)[:, rows].mean(dim=1)
        return total
