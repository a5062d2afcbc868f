"""The few colours of flat art: found in a drawing that a decoder has blurred and speckled."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from songdalle_core.finishing.scene import Floats

MOST = 11  # with the ink, three groups of four maps
_BIN = 3  # width of a histogram's bin in L*a*b*
_BINS = (34, 86, 86)  # of L*, a* and b*, from 0, -128 and -128 up
_KERNEL = 2.6  # sigma of the density's kernel in L*a*b*: more than a decoder's noise
_APART = 6.5  # colours nearer than this are one
_VALLEY = 0.8  # density between two colours, as a share of the lesser's: more, and they are one
_LEAST = 0.002  # share of the drawing that a colour must cover
_EYE = 0.2  # as much of that is enough for a colour that differs from all others, as an eye does
_STRANGE = 25.0  # L*a*b*: how far such a colour is from all others
_ROUNDS = 2  # of Lloyd's algorithm
_STEPS = np.array([0.2, 0.35, 0.5, 0.65], np.float32)  # of the way between two colours


def chief_colours(lab: npt.NDArray[np.uint8], within: npt.NDArray[np.bool_]) -> Floats:
    """The colours that most of a drawing is made of, the commonest first.

    They are modes of the density of colours (Comaniciu & Meer 2002, "Mean shift", look for the same by
    climbing): peaks, taken greedily, with a valley between any two, so that a gradient is one colour.
    Lloyd's algorithm (1982) then centres them. Nothing is drawn at random.

    Args:
        lab: L*, a* + 128 and b* + 128 of pixels, (R, R, 3).
        within: (R, R), which of them count: those well inside shapes, one at least.

    Returns:
        (K, 3) of the same numbers, 1 <= K <= `MOST`.
    """
    counts, corner = _histogram(lab, within)
    bins = np.argwhere(counts > 0).astype(np.float32)
    found = counts[counts > 0]
    peaks = _peaks(_density(counts), max(3.0, _LEAST * float(found.sum())))
    for _ in range(_ROUNDS):
        far = squared_distances(bins, peaks)
        nearest, near = far.argmin(axis=1), far.min(axis=1) < (2 * _APART / _BIN) ** 2
        weights = found * near
        total = np.bincount(nearest, weights, minlength=len(peaks))
        for axis in range(3):
            sums = np.bincount(nearest, weights * bins[:, axis], minlength=len(peaks))
            peaks[:, axis] = np.where(total > 0, sums / np.maximum(total, 1), peaks[:, axis])
    middle = (_BIN - 1) / 2  # of the whole numbers in a bin
    return np.asarray((peaks + corner) * _BIN + middle, dtype=np.float32)


def squared_distances(
    points: npt.NDArray[np.floating], colours: npt.NDArray[np.floating]
) -> Floats:
    """Squared distance of each of (..., 3) points to each of (K, 3) colours: (..., K)."""
    cross = points @ colours.T
    own = (points**2).sum(axis=-1)[..., None]
    return np.asarray(own - 2 * cross + (colours**2).sum(axis=-1), dtype=np.float32)


def _histogram(
    lab: npt.NDArray[np.uint8], within: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Counts of the block of bins that are not empty, (A, B, C), and the block's first corner, (3,)."""
    reach = [edge for bins in _BINS for edge in (0, bins * _BIN)]
    counts = cv2.calcHist([lab], [0, 1, 2], within.view(np.uint8), list(_BINS), reach)
    block = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        used = np.nonzero(counts.any(axis=others))[0]
        block.append(slice(int(used[0]), int(used[-1]) + 1))
    corner = np.array([part.start for part in block])
    return np.ascontiguousarray(counts[tuple(block)], dtype=np.float32), corner


def _density(counts: Floats) -> Floats:
    """Counts under a Gaussian whose middle is 1, (A, B, C)."""
    sigma = _KERNEL / _BIN
    density = counts
    for _ in range(3):  # along the first axis, which then becomes the last
        flat = density.reshape(len(density), -1)
        blurred = cv2.GaussianBlur(
            flat, (1, 7), sigmaX=1.0, sigmaY=sigma, borderType=cv2.BORDER_CONSTANT
        )
        density = np.ascontiguousarray(np.moveaxis(blurred.reshape(density.shape), 0, -1))
    return density * np.float32((sigma * np.sqrt(2 * np.pi)) ** 3)


def _peaks(density: Floats, least: float) -> Floats:
    """Bins of the densest colours, (K, 3); each puts an end to those that no valley parts from it."""
    points = np.argwhere(density >= min(_EYE * least, density.max())).astype(np.float32)
    heights = density[tuple(points.astype(np.intp).T)]
    order = np.argsort(-heights, kind="stable")
    points, heights = points[order], heights[order]
    nearest = np.full(len(points), np.inf)
    chosen: list[Floats] = []
    while len(chosen) < MOST:
        fit = (heights >= least) | (nearest > _STRANGE)
        if chosen and not fit.any():
            break
        peak = points[fit.argmax()]
        chosen.append(peak)
        away = peak - points
        far = np.sqrt((away**2).sum(axis=1)) * _BIN
        free = far > _APART
        near = np.nonzero(free & (far < 4 * _APART))[0]
        path = points[near, None] + _STEPS[None, :, None] * away[near, None]
        lowest = _between(density, path.reshape(-1, 3)).reshape(-1, len(_STEPS)).min(axis=1)
        free[near] = lowest <= _VALLEY * heights[near]
        points, heights = points[free], heights[free]
        nearest = np.minimum(nearest, far)[free]
    return np.array(chosen, dtype=np.float32)


def _between(density: Floats, points: Floats) -> Floats:
    """The density at points between bins, (N, 3): linear along each axis."""
    low = np.floor(points).astype(np.intp)
    share = points - low
    edge = np.array(density.shape) - 1
    strides = np.array([density.shape[1] * density.shape[2], density.shape[2], 1])
    steps = np.where(low < edge, strides, 0)
    first = low @ strides
    flat = density.ravel()
    value = np.zeros(len(points), np.float32)
    for corner in range(8):
        at, weight = first, np.ones(len(points), np.float32)
        for axis in range(3):
            further = corner >> axis & 1
            at = at + further * steps[:, axis]
            weight = weight * (share[:, axis] if further else 1 - share[:, axis])
        value += weight * flat.take(at)
    return value
