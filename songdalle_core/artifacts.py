"""The weights shipped with the package, each verified against `SHA256SUMS` before use.

`SHA256SUMS` has the format of coreutils' `sha256sum`: `<64 hex digits>  <path below the folder>`.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"


class WeightsError(RuntimeError):
    """A weight file is missing, unlisted or not the one that was published."""


class ModelMissing(WeightsError):
    """A published model is neither here nor to be downloaded, or lacks files; the message says what to run."""


def sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_sums(folder: Path) -> dict[str, str]:
    """Map of file name to expected digest, read from `folder/SHA256SUMS`.

    Raises:
        WeightsError: the list is missing or a line is not `<digest>  <name>`.
    """
    listing = folder / "SHA256SUMS"
    if not listing.is_file():
        raise WeightsError(f"{listing} is missing: reinstall the package or restore the file")
    sums: dict[str, str] = {}
    for line in listing.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise WeightsError(f"{listing}: cannot read the line {line!r}")
        sums[name] = digest
    return sums


def verified(name: str, folder: Path = WEIGHTS) -> Path:
    """Path of the weight file `name` after its digest was checked (once a process).

    Raises:
        WeightsError: the file is missing, not listed, or its SHA-256 differs.
    """
    return _verified(name, folder.resolve())


@cache
def _verified(name: str, folder: Path) -> Path:
    expected = read_sums(folder).get(name)
    path = folder / name
    if expected is None:
        raise WeightsError(f"{name} is not listed in {folder / 'SHA256SUMS'}")
    if not path.is_file():
        raise WeightsError(f"{path} is missing: restore it from the repository")
    actual = sha256(path)
    if actual != expected:
        raise WeightsError(
            f"{path} is damaged: SHA-256 is {actual}, expected {expected}; "
            "restore it from the repository"
        )
    return path
