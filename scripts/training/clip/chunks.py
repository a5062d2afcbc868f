"""Chunks of scenes, composed in a process beside the training: each a pure function of its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, cycle

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import IterableDataset

from scripts.training.beside import leave_a_core
from scripts.training.clip.scenes import Sample, SceneSource

Pixels = npt.NDArray[np.uint8]
Open = Callable[[], SceneSource]
"""Makes a source of scenes, in whichever process it is called: pictures that it keeps stay there."""


@dataclass(frozen=True)
class ChunkPlan:
    """What a chunk holds.

    Attributes:
        scenes: how many it has.
        families: share of them that come in families.
        members: scenes of a family at most.
        image_size: pixels a side that they are resized to.
        first: seed of the first scene of chunk 0.
    """

    scenes: int
    families: float
    members: int
    image_size: int
    first: int = 0


@dataclass(frozen=True)
class Chunk:
    """images uint8 (N, 3, S, S), and captions and fields of the N scenes."""

    images: Tensor
    captions: Sequence[str]
    fields: Sequence[Mapping[str, str]]


class Chunks(IterableDataset[Chunk]):
    """Chunk after chunk, from number `start` on."""

    def __init__(self, open_source: Open, plan: ChunkPlan, start: int) -> None:
        self._open, self._plan, self._start = open_source, plan, start

    def __iter__(self) -> Iterator[Chunk]:
        leave_a_core()
        source = self._open()
        for number in count(self._start):
            yield compose(source, self._plan, number)


def compose(source: SceneSource, plan: ChunkPlan, number: int) -> Chunk:
    """A chunk: scenes on their own, then the families, which share a value of the field "family"."""
    first = plan.first + number * plan.scenes
    alone = plan.scenes - round(plan.scenes * plan.families)
    samples = [source.sample(seed) for seed in range(first, first + alone)]
    fields = cycle(source.values)
    for seed in count(first + alone):
        if len(samples) >= plan.scenes:
            break
        for sample in source.family(seed, next(fields), plan.members) or ():
            shown = {**sample.fields, "family": str(seed)}
            samples.append(Sample(sample.image, sample.caption, shown))
    samples = samples[: plan.scenes]
    return Chunk(
        pixels_tensor([sample.image for sample in samples], plan.image_size),
        [sample.caption for sample in samples],
        [sample.fields for sample in samples],
    )


def pixels_tensor(pictures: Sequence[Pixels], size: int) -> Tensor:
    """uint8 (N, 3, size, size), resized as the model's own preprocessing resizes (bicubic, PIL)."""
    resized = [
        np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BICUBIC))
        if picture.shape[0] != size
        else picture
        for picture in pictures
    ]
    return torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2)
