from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file as load_arrays
from safetensors.torch import load_file

from scripts.training import saving
from scripts.training.saving import save_weights

GRID = np.arange(12, dtype=np.float32).reshape(3, 4)
STRIDED = {
    "turned": GRID.T,
    "every second": GRID[:, ::2],
    "backwards": GRID[::-1],
    "one": GRID[0, 0],
}


def test_strided_arrays_are_read_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(path, {name: np.asarray(array) for name, array in STRIDED.items()}, {"by": "me"})
    read = load_arrays(path)
    for name, array in STRIDED.items():
        np.testing.assert_array_equal(read[name], array)
    assert path.stat().st_mode & 0o777 == 0o644


def test_strided_tensors_too(tmp_path: Path) -> None:
    grid = torch.from_numpy(GRID.copy())
    weights = {
        "turned": grid.T,
        "last": grid[None, None].to(memory_format=torch.channels_last).half(),
        "nothing": torch.tensor(float("nan")),
    }
    save_weights(tmp_path / "a.safetensors", weights)
    read = load_file(tmp_path / "a.safetensors")
    for name, tensor in weights.items():
        torch.testing.assert_close(read[name], tensor, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("value", [GRID, torch.from_numpy(GRID.copy())])
def test_what_is_read_otherwise_is_an_error(
    value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("save_arrays", "save_file"):
        save = getattr(saving, name)
        monkeypatch.setattr(
            saving, name, lambda weights, *rest, save=save: save({"w": weights["w"] + 1}, *rest)
        )
    with pytest.raises(RuntimeError, match="does not hold what was to be written: w"):
        save_weights(tmp_path / "a.safetensors", {"w": value})
