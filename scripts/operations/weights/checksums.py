"""Checksums of downloaded files: published ones, and those recorded after a first download.

A record is a file `<name>.sha256` beside `<name>`, in the format of coreutils' `sha256sum`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scripts.operations.weights.errors import DownloadError

Algorithm = Literal["md5", "sha256"]
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Checksum:
    """An expected digest in lower-case hex, and where the expectation comes from."""

    algorithm: Algorithm
    value: str
    source: str = "published"

    def fits(self, path: Path) -> bool:
        """Whether the file's bytes have this digest."""
        return digest(path, self.algorithm) == self.value

    def __str__(self) -> str:
        return f"{self.algorithm} {self.value}"


def digest(path: Path, algorithm: Algorithm = "sha256") -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        # MD5 is all that one publisher offers: it finds damage, not malice
        return hashlib.file_digest(
            file, lambda: hashlib.new(algorithm, usedforsecurity=False)
        ).hexdigest()


def record_path(path: Path) -> Path:
    """Where the record of a file lies."""
    return path.with_name(path.name + ".sha256")


def read_record(path: Path) -> Checksum | None:
    """The SHA-256 recorded for a file, or None if there is no record.

    Raises:
        DownloadError: the record is not what `write_record` writes.
    """
    record = record_path(path)
    if not record.is_file():
        return None
    value = record.read_text(encoding="utf-8", errors="replace").partition(" ")[0].strip()
    if not SHA256.fullmatch(value):
        raise DownloadError(f"{record} holds no SHA-256: delete it and run the command again")
    return Checksum("sha256", value, f"recorded in {record}")


def write_record(path: Path) -> Checksum:
    """Record the SHA-256 that a file has now."""
    value = digest(path)
    record_path(path).write_text(f"{value}  {path.name}\n", encoding="utf-8")
    return Checksum("sha256", value, f"recorded in {record_path(path)}")
