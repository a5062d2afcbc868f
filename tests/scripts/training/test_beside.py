from __future__ import annotations

import os

import pytest
import torch

from scripts.training.beside import beside
from scripts.training.clip.chunks import ChunkPlan, Chunks, compose
from tests.scripts.training.clip.toy import ToyScenes

PLAN = ChunkPlan(scenes=24, families=0.5, members=3, image_size=32, first=100)


class Deadly(ToyScenes):
    """Ends its process at once, as the kernel does where memory runs out."""

    def __init__(self) -> None:
        os._exit(9)


def test_another_process_composes_the_same() -> None:
    loaded = iter(beside(Chunks(ToyScenes, PLAN, start=3)))
    for number in (3, 4):
        chunk, expected = next(loaded), compose(ToyScenes(), PLAN, number)
        assert torch.equal(chunk.images, expected.images)
        assert (chunk.captions, chunk.fields) == (expected.captions, expected.fields)


def test_the_end_of_that_process_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        next(iter(beside(Chunks(Deadly, PLAN, start=0))))
