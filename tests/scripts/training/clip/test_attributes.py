from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from scripts.training.clip.attributes import FIRST_SCALE, Attributes
from scripts.training.clip.scenes import Sample
from tests.scripts.training.clip.toy import ToyScenes

EMPTY = np.zeros(0, np.uint8)


def test_targets_are_numbers_of_values_and_nothing_is_one_too() -> None:
    attributes = Attributes({"concept": ("cat", "dog"), "mood": ("Joyful",)}, 8)
    samples = [
        Sample(EMPTY, "a dog", {"concept": "dog", "mood": ""}),
        Sample(EMPTY, "joy", {"concept": "", "mood": "Joyful"}),
    ]
    assert attributes.targets(samples).tolist() == [[2, 0], [0, 1]]
    with pytest.raises(KeyError):
        attributes.targets([Sample(EMPTY, "a cow", {"concept": "cow", "mood": ""})])


def test_pictures_and_captions_are_drawn_to_what_they_show() -> None:
    torch.manual_seed(0)
    source = ToyScenes()
    samples = [source.sample(k) for k in range(64)]
    attributes = Attributes(source.values, 16)
    features = torch.randn(2, 64, 16, requires_grad=True)
    targets = attributes.targets(samples)
    optimizer = torch.optim.Adam([features, *attributes.parameters()], lr=0.1)
    losses = []
    for _ in range(60):
        images, texts = F.normalize(features, dim=-1)
        loss = attributes(images, texts, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.3 * losses[0]
    images, texts = F.normalize(features.detach(), dim=-1)
    likeness = images @ texts.T
    same = torch.tensor([[a.fields == b.fields for b in samples] for a in samples])
    assert float(likeness[same].mean()) > float(likeness[~same].mean()) + 0.3


def test_every_point_learns() -> None:
    attributes = Attributes({"concept": ("cat", "dog"), "light": ("noon",)}, 4)
    unit = F.normalize(torch.randn(2, 4), dim=1)
    attributes(unit, unit, torch.tensor([[1, 1], [2, 0]])).backward()
    assert all(p.grad is not None and p.grad.any() for p in attributes.parameters())


def test_the_points_go_with_the_model() -> None:
    attributes = Attributes({"concept": ("cat", "dog"), "light": ("noon",)}, 4)
    prototypes = attributes.prototypes()
    assert prototypes.values == {"concept": ("", "cat", "dog"), "light": ("", "noon")}
    assert prototypes.scales["light"] == pytest.approx(FIRST_SCALE, rel=1e-4)
    torch.testing.assert_close(
        prototypes.points["concept"], F.normalize(attributes.points["concept"].detach(), dim=1)
    )
