"""Means with intervals by the bootstrap (B. Efron, "Bootstrap Methods", Annals of Statistics 7, 1979)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 4000
SEED = 0


@dataclass(frozen=True)
class Interval:
    """A mean and the 2.5 and 97.5 percentiles of its bootstrap distribution."""

    mean: float
    low: float
    high: float


def bootstrap_interval(values: npt.ArrayLike) -> Interval:
    """The mean of independent values (N,) with its 95% interval, the same at every call.

    Raises:
        ValueError: there is no value.
    """
    sample = np.asarray(values, dtype=np.float64)
    if len(sample) == 0:
        raise ValueError("no values to take a mean of")
    picks = np.random.default_rng(SEED).integers(len(sample), size=(RESAMPLES, len(sample)))
    low, high = np.percentile(sample[picks].mean(axis=1), (2.5, 97.5))
    return Interval(float(sample.mean()), float(low), float(high))
