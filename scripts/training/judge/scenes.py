"""Batches of scenes for the judge, a pure function of the step, composed in a process beside it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from scripts.training.beside import leave_a_core
from scripts.training.common import HELD_OUT
from scripts.training.judge.labels import Labels
from scripts.training.judge.model import shrunk
from scripts.training.scenes.art import drawn_by
from scripts.training.scenes.composer import Composer

SCENE_SIZE = 128
"""Pixels of a composed scene, as of a cover; the judge shrinks both."""
FIRST = 5_000_000
"""Scene seeds of the judge begin here; CLIP and the generator count from 0 and stay far below."""


def seeds_of(step: int, batch: int) -> range:
    """Scene seeds of a step.

    Raises:
        ValueError: the run is so long that it would reach the held-out scenes.
    """
    first = FIRST + step * batch
    if first + batch > HELD_OUT:
        raise ValueError(f"step {step} reaches the held-out scenes: train fewer or smaller steps")
    return range(first, first + batch)


class JudgeScenes(IterableDataset[tuple[Tensor, Tensor]]):
    """Batches from a step on: pictures uint8 (B, 3, 96, 96), targets int64 (B, 5)."""

    def __init__(
        self, art: Path, sets: tuple[str, ...], labels: Labels, batch: int, start: int
    ) -> None:
        self._art, self._sets, self._labels = art, sets, labels
        self._batch, self._start = batch, start

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        leave_a_core()
        composer = open_composer(self._art, self._sets)
        for step in itertools.count(self._start):
            yield compose(composer, self._labels, seeds_of(step, self._batch))


def open_composer(art: Path, sets: tuple[str, ...]) -> Composer:
    """Composes the judge's scenes, of the subjects that the art sets have."""
    return Composer(art, SCENE_SIZE, sets, drawn_by(art, sets))


def compose(composer: Composer, labels: Labels, seeds: range) -> tuple[Tensor, Tensor]:
    """Scenes of the seeds as the judge sees them: uint8 (N, 3, 96, 96), and targets (N, 5)."""
    scenes = [composer.scene(seed) for seed in seeds]
    images = shrunk([scene.image for scene in scenes])
    targets = np.stack([labels.targets(scene.spec) for scene in scenes])
    return images, torch.from_numpy(targets)
