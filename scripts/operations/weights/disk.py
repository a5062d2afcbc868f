"""Room on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.operations.weights.errors import SpaceError

UNITS = ((1e9, "GB", 1), (1e6, "MB", 1), (1e3, "kB", 0))


def readable(count: float) -> str:
    """A number of bytes in decimal units, such as `4.9 GB`."""
    for unit, name, digits in UNITS:
        if count >= unit:
            return f"{count / unit:.{digits}f} {name}"
    return f"{count:.0f} bytes"


def require(folder: Path, needed: float, purpose: str) -> None:
    """Check that `needed` bytes are free where `folder` lies.

    Raises:
        SpaceError: saying how much is needed for what, and how much there is.
    """
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise SpaceError(
            f"{purpose} needs {readable(needed)} free in {folder}, where {readable(free)} are: "
            "make room or choose another folder with --cache"
        )
