"""How often the judge is right on scenes that it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from scripts.training.common import HELD_OUT
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import JudgeNet, shrunk
from scripts.training.judge.scenes import SCENE_SIZE, compose
from scripts.training.scenes.art import ArtSet, Concept, load_concepts
from scripts.training.scenes.composer import Composer
from songdalle_core.imagegen.model.autoencoder import from_pixels, to_pixels
from songdalle_core.imagegen.model.rqvae import RQVAE

TOP = 5


@dataclass(frozen=True)
class HeldOut:
    """Held-out scenes: pictures uint8 (N, 3, 64, 64), targets int64 (N, 5)."""

    images: Tensor
    targets: Tensor

    @classmethod
    def collect(cls, art: Path, sets: tuple[str, ...], labels: Labels, scenes: int) -> HeldOut:
        """Compose the first held-out scenes with the given art sets, of the subjects they draw."""
        composer = Composer(art, SCENE_SIZE, sets=sets, concepts=drawn_by(art, sets))
        return cls(*compose(composer, labels, range(HELD_OUT, HELD_OUT + scenes)))

    @classmethod
    @torch.no_grad()
    def reconstructed(
        cls, art: Path, sets: tuple[str, ...], labels: Labels, scenes: int, rqvae: RQVAE
    ) -> HeldOut:
        """The same scenes through the codes of an RQ-VAE: what a perfect generator would draw."""
        composer = Composer(art, rqvae.config.ddconfig.resolution, sets=sets)
        pictures: list[np.ndarray] = []
        targets: list[np.ndarray] = []
        for start in range(HELD_OUT, HELD_OUT + scenes, 50):
            made = [composer.scene(s) for s in range(start, min(start + 50, HELD_OUT + scenes))]
            pixels = from_pixels(torch.from_numpy(np.stack([scene.image for scene in made])))
            pixels = pixels.contiguous(memory_format=torch.channels_last)
            pictures.extend(to_pixels(rqvae.decode(rqvae.get_codes(pixels))).numpy())
            targets.extend(labels.targets(scene.spec) for scene in made)
        return cls(shrunk(pictures), torch.from_numpy(np.stack(targets)))

    def measure(self, model: JudgeNet) -> dict[str, float]:
        """Share of scenes of which each head's first choice is right, and of subjects in the top 5."""
        figures = accuracy(probabilities(model, self.images), self.targets)
        return {name: round(value, 4) for name, value in figures.items()}


def drawn_by(art: Path, sets: tuple[str, ...]) -> list[Concept]:
    """The concepts that one of the sets draws well; all of them in the sets trained on."""
    icons = {name: ArtSet(name, art) for name in sets}
    return [
        concept
        for concept in load_concepts()
        if any(concept.icon in icons[name] for name in sets if name in (concept.sets or sets))
    ]


@torch.inference_mode()
def probabilities(model: JudgeNet, images: Tensor) -> dict[str, Tensor]:
    """Probabilities (N, labels) of each head for pictures uint8 (N, 3, 64, 64)."""
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
