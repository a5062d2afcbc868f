from __future__ import annotations

from pathlib import Path

import torch

from scripts.training.content.codes import CachedCodes


def test_codes_survive_their_file(tmp_path: Path) -> None:
    codes = torch.randint(0, 2048, (2, 8, 8, 4))
    cached = CachedCodes(["noto cat", "first shore"], codes, {"encoder.cell.bias": torch.ones(3)})
    cached.write(tmp_path)
    again = CachedCodes.read(tmp_path)
    assert again is not None
    assert again.captions == cached.captions
    assert again.codes.dtype == torch.int64
    assert torch.equal(again.codes, codes)
    assert set(again.frozen) == {"encoder.cell.bias"}


def test_a_folder_without_codes_has_none(tmp_path: Path) -> None:
    assert CachedCodes.read(tmp_path) is None
