from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from scripts.training.clip.batches import Batches, BatchPlan, degrade, grouped_order
from scripts.training.clip.chunks import Chunk, Chunks, pixels_tensor
from tests.scripts.training.clip.toy import ToyScenes

PLAN = BatchPlan(batch=64, chunk=128, block=8, groupings=("", "setting", "concept"))


@pytest.fixture(scope="module")
def source() -> ToyScenes:
    return ToyScenes()


def tokens(texts: list[str]) -> torch.Tensor:
    return torch.tensor([[len(text)] for text in texts])


def batches(plan: BatchPlan = PLAN, seed: int = 0, first: int = 0) -> Batches:
    """Composed in this process."""
    return Batches(ToyScenes, tokens, plan, image_size=32, seed=seed, first=first, loader=iter)


def test_batches_depend_on_seed_and_step_alone() -> None:
    forward = batches(seed=1)
    rows = [forward[step] for step in range(8)]
    again = batches(seed=1)
    for step in (7, 0, 5):
        assert torch.equal(again[step].images, rows[step].images)
        assert torch.equal(again[step].texts, rows[step].texts)
    assert not torch.equal(batches(seed=2)[0].images, rows[0].images)
    # the first pass shows every scene of the chunk once; the next chunk has new ones
    first = torch.cat([rows[0].images, rows[1].images])
    assert len({bytes(image.numpy().tobytes()) for image in first}) > 120
    assert not torch.equal(rows[6].images, rows[0].images)


def test_chunks_are_composed_once_and_in_order() -> None:
    begun: list[int] = []

    def counting(chunks: Chunks) -> Iterator[Chunk]:
        begun.append(chunks._start)
        return iter(chunks)

    made = Batches(ToyScenes, tokens, PLAN, image_size=32, seed=0, loader=counting)
    for step in (0, 5, 6, 12, 3):  # six steps a chunk; only the jump back begins anew
        made[step]
    assert begun == [0, 0]


def test_grouped_order_shares_the_field_within_blocks(source: ToyScenes) -> None:
    samples = [source.sample(k).fields for k in range(600)]
    order = grouped_order(samples, "setting", 10, np.random.default_rng(0))
    assert sorted(order) == list(range(600))
    blocks = [{samples[k]["setting"] for k in order[i : i + 10]} for i in range(0, 600, 10)]
    assert sum(len(block) == 1 for block in blocks) >= 50
    assert len({samples[k]["setting"] for k in order[:120]}) > 2
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
    batch = batches(replace(PLAN, families=0), first=128)[0]
    later = [source.sample(k) for k in range(128, 256)]
    for fields, image in zip(batch.fields, batch.images, strict=True):
        drawn = [sample.image for sample in later if sample.fields == fields]
        assert any(np.array_equal(image.permute(1, 2, 0), picture) for picture in drawn)


def test_families_differ_in_one_field_and_stay_together() -> None:
    plan = replace(PLAN, families=0.5, members=4, groupings=("family",))
    made = batches(plan)
    shown = [*made[0].fields, *made[1].fields]
    families: dict[str, list[int]] = {}
    for place, fields in enumerate(shown):
        families.setdefault(fields.get("family", ""), []).append(place)
    assert 40 < len(families.pop("")) < 80
    asked = set()
    for places in families.values():
        assert len(places) <= 4
        assert places[-1] - places[0] == len(places) - 1
        differing = {
            field
            for field in ToyScenes.values
            if len({shown[place][field] for place in places}) > 1
        }
        assert len(differing) <= 1
        asked |= differing
    assert asked == set(ToyScenes.values)
