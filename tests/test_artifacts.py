from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from songdalle_core.artifacts import WEIGHTS, WeightsError, read_sums, verified


def publish(folder: Path, **files: bytes) -> None:
    lines = []
    for name, data in files.items():
        (folder / name).write_bytes(data)
        lines.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_gives_the_path_of_what_was_published(tmp_path: Path) -> None:
    publish(tmp_path, model=b"weights")
    assert verified("model", tmp_path).read_bytes() == b"weights"


def test_refuses_a_damaged_file(tmp_path: Path) -> None:
    publish(tmp_path, model=b"weights")
    (tmp_path / "model").write_bytes(b"weighty")
    with pytest.raises(WeightsError, match=r"damaged: SHA-256 is [0-9a-f]{64}, expected"):
        verified("model", tmp_path)


def test_refuses_what_is_missing_or_unlisted(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="SHA256SUMS is missing"):
        verified("model", tmp_path)
    publish(tmp_path, model=b"weights")
    (tmp_path / "other").write_bytes(b"")
    with pytest.raises(WeightsError, match="not listed"):
        verified("other", tmp_path)
    (tmp_path / "model").unlink()
    with pytest.raises(WeightsError, match="is missing"):
        verified("model", tmp_path)


def test_refuses_a_list_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text("abc  model\n")
    with pytest.raises(WeightsError, match="cannot read the line"):
        read_sums(tmp_path)


def test_every_shipped_weight_is_whole_and_small() -> None:
    sums = read_sums(WEIGHTS)
    assert sums
    for name in sums:
        verified(name)
    weights = {str(p.relative_to(WEIGHTS)) for p in WEIGHTS.rglob("*.safetensors")}
    assert weights <= set(sums)
    assert sum(p.stat().st_size for p in WEIGHTS.rglob("*")) < 60 * 2**20
