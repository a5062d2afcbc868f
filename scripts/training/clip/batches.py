"""Batches with hard negatives, a pure function of (seed, step), so that a run can be resumed.

Scenes are composed a *chunk* at a time. A chunk is gone through once for each way of grouping it:
at random, then in blocks that share the setting, the subject, the mood. Within a block the
captions differ in everything else, which is what CLIP has to learn to tell apart; a random batch
would let it get away with the subject alone. Some scenes come in *families* that differ in one
thing only, the hardest negatives there are; one more pass keeps them together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, cycle

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from scripts.training.clip.scenes import Sample, SceneSource

Pixels = npt.NDArray[np.uint8]
Reconstruct = Callable[[Pixels, np.random.Generator], Pixels]
"""Pictures (N, S, S, 3) as a generator would have drawn them, same shape."""


@dataclass(frozen=True)
class BatchPlan:
    """How scenes become batches.

    Attributes:
        batch: pairs a step.
        chunk: scenes composed at a time; a multiple of `batch`.
        block: scenes of a batch that share a field.
        groupings: one pass over the chunk for each; "" is a random order, "family" the families.
        families: share of a chunk that comes in families.
        members: scenes of a family at most.
        reconstructed: share of a chunk passed through `Reconstruct`, where one is given.
    """

    batch: int = 192
    chunk: int = 1920
    block: int = 12
    groupings: tuple[str, ...] = ("", "setting", "concept", "mood", "family")
    families: float = 0.5
    members: int = 6
    reconstructed: float = 0.3

    def __post_init__(self) -> None:
        if self.batch < 2 or self.chunk % self.batch:
            raise ValueError(f"chunk {self.chunk} must be a multiple of batch {self.batch} (>= 2)")


@dataclass(frozen=True)
class Batch:
    """images uint8 (B, 3, S, S), tokens int64 (B, L), texts int64 (B,): each caption's number; samples
    without their pictures.
    """

    images: Tensor
    tokens: Tensor
    texts: Tensor
    samples: Sequence[Sample]


class Batches:
    """`Batches(...)[step]`, of scenes from `first` on; steps in order are cheap, a jump composes a chunk."""

    def __init__(
        self,
        source: SceneSource,
        tokenizer: Callable[[list[str]], Tensor],
        plan: BatchPlan,
        *,
        image_size: int,
        seed: int,
        first: int = 0,
        reconstruct: Reconstruct | None = None,
    ) -> None:
        self.plan = plan
        self._source = source
        self._tokenizer = tokenizer
        self._size = image_size
        self._seed = seed
        self._first = first
        self._reconstruct = reconstruct
        self._held: tuple[int, _Chunk] | None = None

    def __getitem__(self, step: int) -> Batch:
        plan = self.plan
        per_pass = plan.chunk // plan.batch
        index, within = divmod(step, per_pass * len(plan.groupings))
        number, start = divmod(within, per_pass)
        chunk = self._chunk(index)
        rng = np.random.default_rng([self._seed, index, number])
        order = grouped_order(chunk.samples, plan.groupings[number], plan.block, rng)
        rows = torch.from_numpy(order[start * plan.batch : (start + 1) * plan.batch])
        samples = [chunk.samples[k] for k in rows.tolist()]
        return Batch(chunk.images[rows], chunk.tokens[rows], chunk.texts[rows], samples)

    def _chunk(self, index: int) -> _Chunk:
        if self._held is None or self._held[0] != index:
            self._held = None  # free the old pixels before composing the new ones
            self._held = (index, self._compose(index))
        return self._held[1]

    def _compose(self, index: int) -> _Chunk:
        samples = self._samples(self._first + index * self.plan.chunk)
        pictures = [sample.image for sample in samples]
        if self._reconstruct is not None:
            rng = np.random.default_rng([self._seed, index])
            drawn = np.flatnonzero(rng.random(len(pictures)) < self.plan.reconstructed)
            for rows in np.array_split(drawn, max(1, len(drawn) // 32)):
                pixels = self._reconstruct(np.stack([pictures[k] for k in rows]), rng)
                for k, picture in zip(rows, pixels, strict=True):
                    pictures[k] = picture
        captions = [sample.caption for sample in samples]
        numbers = {text: k for k, text in enumerate(dict.fromkeys(captions))}
        return _Chunk(
            samples=[Sample(np.zeros(0, np.uint8), s.caption, s.fields) for s in samples],
            images=pixels_tensor(pictures, self._size),
            tokens=self._tokenizer(captions),
            texts=torch.tensor([numbers[text] for text in captions]),
        )

    def _samples(self, first: int) -> list[Sample]:
        """A chunk of scenes with seeds from `first` on: those on their own, then the families."""
        plan = self.plan
        alone = plan.chunk - round(plan.chunk * plan.families)
        samples = [self._source.sample(seed) for seed in range(first, first + alone)]
        fields = cycle(self._source.values)
        for seed in count(first + alone):
            if len(samples) >= plan.chunk:
                break
            family = self._source.family(seed, next(fields), plan.members)
            for sample in family or ():
                shown = {**sample.fields, "family": str(seed)}
                samples.append(Sample(sample.image, sample.caption, shown))
        return samples[: plan.chunk]


@dataclass(frozen=True)
class _Chunk:
    samples: list[Sample]
    images: Tensor
    tokens: Tensor
    texts: Tensor


def pixels_tensor(pictures: Sequence[Pixels], size: int) -> Tensor:
    """uint8 (N, 3, size, size), resized as the model's own preprocessing resizes (bicubic, PIL)."""
    resized = [
        np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BICUBIC))
        if picture.shape[0] != size
        else picture
        for picture in pictures
    ]
    return torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2)


def grouped_order(
    samples: Sequence[Sample], field: str, block: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """A permutation in which runs of `block` scenes share `field` ("" for no grouping)."""
    order = rng.permutation(len(samples))
    if not field:
        return order
    values = np.array([samples[k].fields.get(field, "") for k in order])
    order = order[np.argsort(values, kind="stable")]
    blocks = [order[k : k + block] for k in range(0, len(order), block)]
    return np.concatenate([blocks[k] for k in rng.permutation(len(blocks))])


def degrade(images: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures as a small generator might have drawn them: shifted, softened, blotched, noisy.

    Args:
        images: uint8 (B, 3, S, S).
        generator: source of every draw.

    Returns:
        float32 (B, 3, S, S) in [-1, 1], the range of the model's preprocessing.
    """
    count = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, 1, 1, generator=generator)

    def chosen(share: float) -> Tensor:
        return torch.rand(count, 1, 1, 1, generator=generator) < share

    pixels = _moved(images.float() / 127.5 - 1, uniform)
    size = pixels.shape[-1]
    for factor, share in ((2.0, 0.3), (3.0, 0.2)):
        small = F.interpolate(pixels, size=round(size / factor), mode="area")
        soft = F.interpolate(small, size=size, mode="bilinear", align_corners=False)
        pixels = torch.where(chosen(share), soft, pixels)
    pixels = pixels * uniform(0.9, 1.1) + uniform(-0.08, 0.08)
    blotches = torch.randn(count, 3, size // 8, size // 8, generator=generator)
    blotches = F.interpolate(blotches, size=size, mode="bilinear", align_corners=False)
    grain = torch.randn(pixels.shape, generator=generator)
    pixels = pixels + blotches * uniform(0, 0.12) * chosen(0.4)
    pixels = pixels + grain * uniform(0, 0.10) * chosen(0.4)
    return pixels.clamp(-1, 1)


def _moved(pixels: Tensor, uniform: Callable[[float, float], Tensor]) -> Tensor:
    """Each picture enlarged or shrunk by up to 8%, shifted by up to 5%, mirrored half the time."""
    count = len(pixels)
    scale = uniform(0.92, 1.08).view(count)
    mirror = torch.where(uniform(-1, 1).view(count) < 0, -1.0, 1.0)
    affine = torch.zeros(count, 2, 3)
    affine[:, 0, 0] = scale * mirror
    affine[:, 1, 1] = scale
    affine[:, 0, 2] = uniform(-0.1, 0.1).view(count)
    affine[:, 1, 2] = uniform(-0.1, 0.1).view(count)
    grid = F.affine_grid(affine, list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
