"""The judge's network: depthwise-separable convolutions with residuals (MobileNets, Howard et al.,
2017, arXiv 1704.04861; Xception, Chollet, 2017, arXiv 1610.02357).

CLIP's image tower is a ResNet of bottlenecks with attention pooling. The judge shares neither its
architecture nor its weights nor the drawings it was trained on, so that both do not err on the same pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

OTHERS = {"setting": 1.2, "mood": 0.3, "style": 0.3}
"""Weights of the heads beside the subject's: a place is hardest to tell, as compositions hide half of it."""
SIZE = 96
"""Pixels a side that the judge sees."""


def shrunk(pictures: Sequence[npt.NDArray[np.uint8]]) -> Tensor:
    """Pictures (H, W, 3) of any size as the judge sees them: uint8 (N, 3, 96, 96), bicubic by PIL."""
    small = [
        np.asarray(Image.fromarray(picture).resize((SIZE, SIZE), Image.Resampling.BICUBIC))
        for picture in pictures
    ]
    return torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2)


@dataclass(frozen=True)
class JudgeShape:
    """Channels and blocks of the stages; each stage halves the picture."""

    stem: int = 32
    widths: tuple[int, ...] = (64, 192, 384)
    blocks: tuple[int, ...] = (2, 4, 3)


class _Separable(nn.Module):
    """Depthwise 3x3, then pointwise; the input is added where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False)
        self.norm1 = nn.BatchNorm2d(inputs)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, outputs, H / stride, W / stride)."""
        y = F.relu(self.norm1(self.depthwise(x)))
        y = self.norm2(self.pointwise(y))
        return F.relu(x + y) if self.residual else F.relu(y)


class JudgeNet(nn.Module):
    """Pictures to the logits of each head.

    Args:
        sizes: labels of each head.
        shape: channels and blocks.
    """

    def __init__(self, sizes: Mapping[str, int], shape: JudgeShape | None = None) -> None:
        super().__init__()
        shape = shape or JudgeShape()
        self.sizes = dict(sizes)
        layers: list[nn.Module] = [
            nn.Conv2d(3, shape.stem, 3, 2, 1, bias=False),
            nn.BatchNorm2d(shape.stem),
            nn.ReLU(),
        ]
        inputs = shape.stem
        for width, blocks in zip(shape.widths, shape.blocks, strict=True):
            for number in range(blocks):
                layers.append(_Separable(inputs, width, 2 if number == 0 else 1))
                inputs = width
        self.body = nn.Sequential(*layers)
        self.heads = nn.Linear(inputs, sum(self.sizes.values()))

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        """Logits (B, labels) of each head for pictures (B, 3, 96, 96) in [-1, 1]."""
        features = self.body(pixels).mean(dim=(2, 3))  # (B, C)
        parts = torch.split(self.heads(features), list(self.sizes.values()), dim=1)
        return dict(zip(self.sizes, parts, strict=True))


def judge_loss(logits: Mapping[str, Tensor], targets: Tensor) -> Tensor:
    """Cross-entropy of all heads; both subjects of a scene are half right each.

    Args:
        logits: (B, labels) of each head.
        targets: int64 (B, 5) of `Labels.targets`.
    """
    subject = (
        F.cross_entropy(logits["subject"], targets[:, 0])
        + F.cross_entropy(logits["subject"], targets[:, 1])
    ) / 2
    others = [
        weight * F.cross_entropy(logits[head], targets[:, column])
        for column, (head, weight) in enumerate(OTHERS.items(), start=2)
    ]
    return subject + torch.stack(others).sum()
