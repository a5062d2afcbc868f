from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from scripts.training.fetch_art import PACKAGES, FetchError, Package, unpack
from scripts.training.scenes.art import ART_SETS


def archive(path: Path, files: dict[str, bytes]) -> Package:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return Package("drawn", "1.0.0", hashlib.sha256(path.read_bytes()).hexdigest(), "MIT")


def test_every_art_set_is_pinned() -> None:
    assert tuple(package.name for package in PACKAGES) == ART_SETS
    assert all(len(package.sha256) == 64 for package in PACKAGES)


def test_keeps_only_icons_and_licence(tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    package = archive(path, {"icons.json": b"{}", "info.json": b"{}", "index.js": b"evil()"})
    unpack(path, package, tmp_path / "art")
    assert sorted(p.name for p in (tmp_path / "art" / "drawn").iterdir()) == [
        "icons.json",
        "info.json",
    ]


def test_refuses_another_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    package = archive(path, {"icons.json": b"{}", "info.json": b"{}"})
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(FetchError, match="pinned"):
        unpack(path, package, tmp_path / "art")
    assert not (tmp_path / "art" / "drawn").exists()


def test_refuses_an_archive_without_icons(tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    with pytest.raises(FetchError, match=r"icons\.json"):
        unpack(path, archive(path, {"readme.md": b""}), tmp_path / "art")
