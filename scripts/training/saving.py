"""Weights into a safetensors file, and a look at whether they are in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file
from torch import Tensor


def save_weights(
    path: Path,
    weights: Mapping[str, Tensor] | Mapping[str, NDArray[Any]],
    metadata: dict[str, str] | None = None,
) -> None:
    """Write tensors, or arrays, to be read by everybody, and compare what is read again.

    safetensors 0.8 writes a strided array (a slice, a transpose) in the order in which it lies in memory, with
    the shape that it has: another array. Every tensor is made contiguous before (not by `ascontiguousarray`,
    which gives a scalar a dimension).

    Raises:
        RuntimeError: what was read is not what was to be written.
    """
    tensors = {name: v.contiguous() for name, v in weights.items() if isinstance(v, Tensor)}
    arrays = {
        name: np.asarray(v, order="C") for name, v in weights.items() if not isinstance(v, Tensor)
    }
    if tensors:
        save_file(tensors, path, metadata)
        written = load_file(path)
        wrong = [
            n for n, v in tensors.items() if n not in written or _bytes(v) != _bytes(written[n])
        ]
    else:
        save_arrays(arrays, path, metadata)
        read = load_arrays(path)
        wrong = [n for n, v in weights.items() if n not in read or not _same(v, read[n])]
    if wrong:
        raise RuntimeError(f"{path} does not hold what was to be written: {', '.join(wrong[:3])}")
    path.chmod(0o644)  # safetensors leaves the file to its owner alone


def _bytes(tensor: Tensor) -> tuple[torch.Size, torch.dtype, bytes]:
    return tensor.shape, tensor.dtype, tensor.cpu().reshape(-1).view(torch.uint8).numpy().tobytes()


def _same(wanted: Any, read: NDArray[Any]) -> bool:
    return bool(wanted.dtype == read.dtype and wanted.shape == read.shape) and (
        wanted.tobytes() == read.tobytes()
    )
