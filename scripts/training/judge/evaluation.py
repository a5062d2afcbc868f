"""How often the judge is right on scenes that it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from scripts.training.common import HELD_OUT
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeNet
from scripts.training.judge.scenes import compose, open_composer

TOP = 5


@dataclass(frozen=True)
class HeldOut:
    """Held-out scenes: pictures uint8 (N, 3, 96, 96), targets int64 (N, 5)."""

    images: Tensor
    targets: Tensor

    @classmethod
    def collect(cls, art: Path, sets: tuple[str, ...], labels: Labels, scenes: int) -> HeldOut:
        """Compose the first held-out scenes with the given art sets, of the subjects they have."""
        composer = open_composer(art, sets)
        return cls(*compose(composer, labels, range(HELD_OUT, HELD_OUT + scenes)))

    def measure(self, model: JudgeNet) -> dict[str, float]:
        """Share of scenes of which each head's first choice is right, and of subjects in the top 5."""
        figures = accuracy(probabilities(model, self.images), self.targets)
        return {name: round(value, 4) for name, value in figures.items()}


@torch.inference_mode()
def probabilities(model: JudgeNet, images: Tensor) -> dict[str, Tensor]:
    """Probabilities (N, labels) of each head for pictures uint8 (N, 3, 96, 96)."""
    was_training = model.training
    model.eval()
    parts = [
        model((part.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last))
        for part in torch.split(images, 250)
    ]
    model.train(was_training)
    return {head: torch.cat([part[head] for part in parts]).softmax(dim=1) for head in model.sizes}


def accuracy(guesses: Mapping[str, Tensor], targets: Tensor) -> dict[str, float]:
    """Shares of right first choices; either subject of a scene is right."""
    subjects = targets[:, :2]
    ranked = guesses["subject"].topk(min(TOP, guesses["subject"].shape[1]), dim=1).indices
    hits = (ranked[:, :, None] == subjects[:, None, :]).any(dim=2)  # (N, 5)
    right = {"subject": hits[:, 0], f"subject_top{TOP}": hits.any(dim=1)}
    for column, head in enumerate(("setting", "mood", "style"), start=2):
        right[head] = guesses[head].argmax(dim=1) == targets[:, column]
    return {name: float(each.float().mean()) for name, each in right.items()}
