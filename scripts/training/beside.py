"""Batches made in a process beside the training, so that one core composes while the other trains."""

from __future__ import annotations

from typing import TypeVar

import cv2
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

Item = TypeVar("Item")

SILENCE_S = 1800
"""Seconds without a batch until the process beside counts as dead: the first one traces every drawing."""


def beside(batches: IterableDataset[Item], ahead: int = 1) -> DataLoader[Item]:
    """The batches as they are, made in a process of their own, at most `ahead` of them early."""
    return DataLoader(
        batches,
        batch_size=None,
        num_workers=1,
        prefetch_factor=ahead,
        multiprocessing_context="spawn",  # threads of this process must not be forked
        timeout=SILENCE_S,
    )


def leave_a_core() -> None:
    """Called where batches are made: beside a training, OpenCV keeps to one thread."""
    if get_worker_info() is not None:
        cv2.setNumThreads(1)
