from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from scripts.training.clip.attributes import FIRST_SCALE, SKIPPED, Attributes
from tests.scripts.training.clip.toy import ToyScenes


def test_targets_are_numbers_of_values_and_nothing_is_one_too() -> None:
    attributes = Attributes({"concept": ("cat", "dog"), "mood": ("Joyful",)}, 8)
    scenes = [{"concept": "dog", "mood": ""}, {"concept": "", "mood": "Joyful"}]
    assert attributes.targets(scenes).tolist() == [[2, 0], [0, 1]]
    with pytest.raises(KeyError):
        attributes.targets([{"concept": "cow", "mood": ""}])


def test_what_cannot_be_told_is_not_learnt() -> None:
    attributes = Attributes({"concept": ("cat",), "light": ("noon", "night")}, 4)
    targets = attributes.targets([{"concept": "cat", "light": ""}] * 2)
    assert targets.tolist() == [[1, SKIPPED]] * 2
    unit = F.normalize(torch.randn(2, 4), dim=1)
    loss = attributes(unit, unit, targets)
    loss.backward()
    assert torch.isfinite(loss)
    assert not attributes.points["light"].grad.any()
    lit = attributes.targets(
        [{"concept": "cat", "light": "night"}, {"concept": "cat", "light": ""}]
    )
    with torch.no_grad():
        pair = attributes(unit, unit, lit) - attributes(unit, unit, targets)
        first = attributes(unit[:1], unit[:1], lit[:1]) - attributes(
            unit[:1], unit[:1], targets[:1]
        )
    assert float(pair) == pytest.approx(float(first), rel=1e-4)  # the second scene adds nothing


def test_pictures_and_captions_are_drawn_to_what_they_show() -> None:
    torch.manual_seed(0)
    source = ToyScenes()
    samples = [source.sample(k) for k in range(64)]
    attributes = Attributes(source.values, 16)
    features = torch.randn(2, 64, 16, requires_grad=True)
    targets = attributes.targets([sample.fields for sample in samples])
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
    attributes = Attributes({"concept": ("cat", "dog"), "light": ("noon", "night")}, 4)
    unit = F.normalize(torch.randn(2, 4), dim=1)
    attributes(unit, unit, torch.tensor([[1, 0], [2, SKIPPED]])).backward()
    assert all(p.grad is not None and p.grad.any() for p in attributes.parameters())


def test_the_points_go_with_the_model() -> None:
    attributes = Attributes({"concept": ("cat", "dog"), "light": ("noon",)}, 4)
    prototypes = attributes.prototypes()
    assert prototypes.values == {"concept": ("", "cat", "dog"), "light": ("noon",)}
    assert prototypes.scales["light"] == pytest.approx(FIRST_SCALE, rel=1e-4)
    torch.testing.assert_close(
        prototypes.points["concept"], F.normalize(attributes.points["concept"].detach(), dim=1)
    )
