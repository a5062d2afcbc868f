"""Batches with hard negatives, a pure function of (seed, step), so that a run can be resumed.

Scenes are composed a *chunk* at a time. A chunk is gone through once for each way of grouping it:
at random, and with its *families* kept together: scenes that differ in one thing only, the hardest
negatives there are, where a random batch would let CLIP get away with the subject alone. More passes
would only teach it these scenes by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from scripts.training.beside import beside
from scripts.training.clip.chunks import Chunk, ChunkPlan, Chunks, Open


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
    """

    batch: int = 192
    chunk: int = 1920
    block: int = 12
    groupings: tuple[str, ...] = ("", "family")
    families: float = 0.5
    members: int = 6

    def __post_init__(self) -> None:
        if self.batch < 2 or self.chunk % self.batch:
            raise ValueError(f"chunk {self.chunk} must be a multiple of batch {self.batch} (>= 2)")


@dataclass(frozen=True)
class Batch:
    """images uint8 (B, 3, S, S), tokens int64 (B, L), texts int64 (B,): each caption's number; and what
    each scene shows, by field.
    """

    images: Tensor
    tokens: Tensor
    texts: Tensor
    fields: Sequence[Mapping[str, str]]


class Batches:
    """`Batches(...)[step]`, of scenes from `first` on.

    Steps in order are cheap: the next chunk is composed while this one is trained on. A jump waits for one.

    Args:
        loader: runs through chunks; `iter` does so in this process.
    """

    def __init__(
        self,
        open_source: Open,
        tokenizer: Callable[[list[str]], Tensor],
        plan: BatchPlan,
        *,
        image_size: int,
        seed: int,
        first: int = 0,
        loader: Callable[[Chunks], Iterable[Chunk]] = beside,
    ) -> None:
        self.plan = plan
        self._chunk_plan = ChunkPlan(plan.chunk, plan.families, plan.members, image_size, first)
        self._open, self._loader = open_source, loader
        self._tokenizer, self._seed = tokenizer, seed
        self._stream: Iterator[Chunk] = iter(())
        self._held: tuple[int, _Read] | None = None

    def __getitem__(self, step: int) -> Batch:
        plan = self.plan
        per_pass = plan.chunk // plan.batch
        index, within = divmod(step, per_pass * len(plan.groupings))
        number, start = divmod(within, per_pass)
        read = self._read(index)
        rng = np.random.default_rng([self._seed, index, number])
        order = grouped_order(read.chunk.fields, plan.groupings[number], plan.block, rng)
        rows = torch.from_numpy(order[start * plan.batch : (start + 1) * plan.batch])
        fields = [read.chunk.fields[k] for k in rows.tolist()]
        return Batch(read.chunk.images[rows], read.tokens[rows], read.texts[rows], fields)

    def _read(self, index: int) -> _Read:
        if self._held is not None and self._held[0] == index:
            return self._held[1]
        if self._held is None or self._held[0] + 1 != index:
            self._stream = iter(self._loader(Chunks(self._open, self._chunk_plan, index)))
        chunk = next(self._stream)
        numbers = {text: k for k, text in enumerate(dict.fromkeys(chunk.captions))}
        texts = torch.tensor([numbers[text] for text in chunk.captions])
        self._held = (index, _Read(chunk, self._tokenizer(list(chunk.captions)), texts))
        return self._held[1]


@dataclass(frozen=True)
class _Read:
    """A chunk, the tokens (N, L) of its captions and their numbers (N,)."""

    chunk: Chunk
    tokens: Tensor
    texts: Tensor


def grouped_order(
    fields: Sequence[Mapping[str, str]], field: str, block: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """A permutation in which runs of `block` scenes share `field` ("" for no grouping)."""
    order = rng.permutation(len(fields))
    if not field:
        return order
    values = np.array([fields[k].get(field, "") for k in order])
    order = order[np.argsort(values, kind="stable")]
    blocks = [order[k : k + block] for k in range(0, len(order), block)]
    return np.concatenate([blocks[k] for k in rng.permutation(len(blocks))])


def degrade(images: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures as covers are met with: shifted, mirrored, softened, darker or lighter, grainy.

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
    small = F.interpolate(pixels, size=round(size / 2), mode="area")
    soft = F.interpolate(small, size=size, mode="bilinear", align_corners=False)
    pixels = torch.where(chosen(0.2), soft, pixels)
    pixels = pixels * uniform(0.9, 1.1) + uniform(-0.08, 0.08)
    grain = torch.randn(pixels.shape, generator=generator)
    pixels = pixels + grain * uniform(0, 0.08) * chosen(0.3)
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
