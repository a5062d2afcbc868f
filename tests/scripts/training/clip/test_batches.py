from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from scripts.training.clip.batches import Batches, BatchPlan, degrade, grouped_order, pixels_tensor
from tests.scripts.training.clip.toy import ToyScenes

PLAN = BatchPlan(batch=64, chunk=128, block=8, groupings=("", "setting", "concept"))


@pytest.fixture(scope="module")
def source() -> ToyScenes:
    return ToyScenes()


def test_batches_depend_on_seed_and_step_alone(source: ToyScenes) -> None:
    def tokens(texts: list[str]) -> torch.Tensor:
        return torch.tensor([[len(text)] for text in texts])

    forward = Batches(source, tokens, PLAN, image_size=32, seed=1)
    rows = [forward[step] for step in range(8)]
    again = Batches(source, tokens, PLAN, image_size=32, seed=1)
    for step in (7, 0, 5):
        assert torch.equal(again[step].images, rows[step].images)
        assert torch.equal(again[step].texts, rows[step].texts)
    assert not torch.equal(
        Batches(source, tokens, PLAN, image_size=32, seed=2)[0].images, rows[0].images
    )
    # the first pass shows every scene of the chunk once; the next chunk has new ones
    first = torch.cat([rows[0].images, rows[1].images])
    assert len({bytes(image.numpy().tobytes()) for image in first}) > 120
    assert not torch.equal(rows[6].images, rows[0].images)


def test_reconstructed_scenes_enter_the_batches(source: ToyScenes) -> None:
    def black(pictures: Any, rng: np.random.Generator) -> Any:
        return np.zeros_like(pictures)

    def tokens(texts: list[str]) -> torch.Tensor:
        return torch.zeros(len(texts), 1, dtype=torch.long)

    plan = replace(PLAN, reconstructed=0.25)
    batches = Batches(source, tokens, plan, image_size=32, seed=0, reconstruct=black)
    images = torch.cat([batches[0].images, batches[1].images])
    share = float((images.flatten(1) == 0).all(dim=1).float().mean())
    assert 0.12 < share < 0.4


def test_grouped_order_shares_the_field_within_blocks(source: ToyScenes) -> None:
    samples = [source.sample(k) for k in range(600)]
    order = grouped_order(samples, "setting", 10, np.random.default_rng(0))
    assert sorted(order) == list(range(600))
    blocks = [{samples[k].fields["setting"] for k in order[i : i + 10]} for i in range(0, 600, 10)]
    assert sum(len(block) == 1 for block in blocks) >= 50
    assert len({samples[k].fields["setting"] for k in order[:120]}) > 2
    plain = grouped_order(samples, "", 10, np.random.default_rng(0))
    assert sorted(plain) == list(range(600))


def test_plan_refuses_a_ragged_chunk() -> None:
    with pytest.raises(ValueError, match="multiple"):
        BatchPlan(batch=64, chunk=100)


def test_degrade_keeps_the_range_and_follows_its_generator(source: ToyScenes) -> None:
    images = pixels_tensor([source.sample(k).image for k in range(40)], 32)
    first = degrade(images, torch.Generator().manual_seed(3))
    assert first.shape == images.shape
    assert first.dtype == torch.float32
    assert float(first.min()) >= -1
    assert float(first.max()) <= 1
    assert torch.equal(first, degrade(images, torch.Generator().manual_seed(3)))
    assert not torch.equal(first, degrade(images, torch.Generator().manual_seed(4)))
    # still the same pictures: each resembles its own original most, up to a mirror
    clean = images.float() / 127.5 - 1
    likeness = torch.stack(
        [torch.cdist(first.flatten(1), view.flatten(1)) for view in (clean, clean.flip(-1))]
    ).amin(0)
    assert float((likeness.argmin(1) == torch.arange(40)).float().mean()) > 0.8


def test_batches_say_what_their_scenes_show_and_may_begin_later(source: ToyScenes) -> None:
    def tokens(texts: list[str]) -> torch.Tensor:
        return torch.zeros(len(texts), 1, dtype=torch.long)

    plan = replace(PLAN, families=0)
    batch = Batches(source, tokens, plan, image_size=32, seed=0, first=128)[0]
    assert [sample.fields for sample in batch.samples] != [
        source.sample(k).fields for k in range(64)
    ]
    for sample, image in zip(batch.samples, batch.images, strict=True):
        seeds = [k for k in range(128, 256) if source.sample(k).caption == sample.caption]
        drawn = [torch.from_numpy(source.sample(k).image.copy()).permute(2, 0, 1) for k in seeds]
        assert any(torch.equal(image, picture) for picture in drawn)


def test_families_differ_in_one_field_and_stay_together(source: ToyScenes) -> None:
    def tokens(texts: list[str]) -> torch.Tensor:
        return torch.zeros(len(texts), 1, dtype=torch.long)

    plan = replace(PLAN, families=0.5, members=4, groupings=("family",))
    batches = Batches(source, tokens, plan, image_size=32, seed=0)
    samples = [*batches[0].samples, *batches[1].samples]
    families: dict[str, list[int]] = {}
    for place, sample in enumerate(samples):
        families.setdefault(sample.fields.get("family", ""), []).append(place)
    assert 40 < len(families.pop("")) < 80
    fields = set()
    for places in families.values():
        assert len(places) <= 4
        assert places[-1] - places[0] == len(places) - 1
        differing = {
            field
            for field in source.values
            if len({samples[place].fields[field] for place in places}) > 1
        }
        assert len(differing) <= 1
        fields |= differing
    assert fields == set(source.values)
