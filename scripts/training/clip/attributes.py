"""What pictures and captions show, as a second lesson beside the contrastive one.

Contrast alone learns slowly what a picture shows: a batch holds each subject about once. Here every value of
every field (a subject, a setting, a mood...) has a point on the unit sphere, and pictures as well as captions
that show it are drawn to that point and away from the field's other ones (NormFace, Wang et al., 2017,
arXiv 1704.06369; as class names are in UniCL, Yang et al., CVPR 2022, arXiv 2204.03610). The points go with
the model: `songdalle_core/reranking/prototypes.py` ranks by them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from songdalle_core.reranking.prototypes import Prototypes

WEIGHTS = {"concept": 1.0, "setting": 0.75, "style": 0.75, "light": 0.5, "weather": 0.5}
OTHERS = 0.25
"""Share of each field in the loss, and that of all others: most for what is hardest to tell apart."""
CAPTIONS = 0.5
"""Weight of the captions, which leave things unsaid, beside the pictures, which show all."""
UNTOLD = ("light", "weather")
"""Fields in which "" is no value: a room looks the same in every light, so such scenes teach nothing of it."""
SKIPPED = -100
FIRST_SCALE = 32.0
"""Logit scale to begin with; learnt for each field."""


class Attributes(nn.Module):
    """Points of all values of all fields in the space that pictures and captions share.

    Args:
        values: the values of each field; "" (nothing of the kind) is added to each but the `UNTOLD` ones.
        embed_dim: D, size of the space.
    """

    def __init__(self, values: Mapping[str, Sequence[str]], embed_dim: int) -> None:
        super().__init__()
        self._numbers = {
            field: {value: k for k, value in enumerate(_known(field, names))}
            for field, names in values.items()
        }
        self.points = nn.ParameterDict(
            {field: torch.randn(len(known), embed_dim) for field, known in self._numbers.items()}
        )
        self.scales = nn.ParameterDict(
            {field: torch.tensor(math.log(FIRST_SCALE)) for field in self._numbers}
        )

    def targets(self, scenes: Sequence[Mapping[str, str]]) -> Tensor:
        """Numbers of what scenes show, given by field, int64 (N, fields); `SKIPPED` where it cannot be told."""
        rows = [
            [
                SKIPPED if field in UNTOLD and not fields[field] else known[fields[field]]
                for field, known in self._numbers.items()
            ]
            for fields in scenes
        ]
        return torch.tensor(rows)

    def forward(self, images: Tensor, texts: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy of what pictures and captions show.

        Args:
            images: unit features (B, D).
            texts: of their captions (B, D).
            targets: int64 (B, fields) of `targets`.
        """
        total, weights = images.new_zeros(()), 0.0
        for column, field in enumerate(self._numbers):
            points = self.scales[field].exp() * F.normalize(self.points[field], dim=1)
            target = targets[:, column]
            told = (target != SKIPPED).sum().clamp_min(1)
            of_images = F.cross_entropy(images @ points.T, target, reduction="sum") / told
            of_texts = F.cross_entropy(texts @ points.T, target, reduction="sum") / told
            weight = WEIGHTS.get(field, OTHERS)
            total, weights = total + weight * (of_images + CAPTIONS * of_texts), weights + weight
        return total / weights

    def prototypes(self) -> Prototypes:
        """The points as they stand, to rank by."""
        return Prototypes(
            {field: list(known) for field, known in self._numbers.items()},
            {field: points.detach().clone() for field, points in self.points.items()},
            {field: float(scale.detach().exp()) for field, scale in self.scales.items()},
        )


def _known(field: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names) if field in UNTOLD else ("", *names)
