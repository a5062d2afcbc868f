from __future__ import annotations

import torch

from scripts.training.clip.chunks import ChunkPlan, compose
from tests.scripts.training.clip.toy import ToyScenes

PLAN = ChunkPlan(scenes=24, families=0.5, members=3, image_size=32, first=100)


def test_a_chunk_is_given_by_its_number() -> None:
    chunk, again = compose(ToyScenes(), PLAN, 1), compose(ToyScenes(), PLAN, 1)
    assert chunk.images.shape == (24, 3, 32, 32)
    assert len(chunk.captions) == len(chunk.fields) == 24
    assert torch.equal(chunk.images, again.images)
    assert chunk.captions[0] == ToyScenes().sample(100 + 24).caption
    assert not torch.equal(compose(ToyScenes(), PLAN, 2).images, chunk.images)
    assert ["family" in fields for fields in chunk.fields] == [False] * 12 + [True] * 12
