"""Keep `songdalle_core/weights/SHA256SUMS` in step with the weight files.

Every training script lists what it wrote through `update_sums`, which touches only the named
lines: several scripts share the list. By hand:

    python scripts/training/weight_sums.py sentiment/classifier.safetensors sentiment/vocabulary.json
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from scripts.common import command_line
from songdalle_core.artifacts import WEIGHTS, read_sums, sha256

LISTING = "SHA256SUMS"


def update_sums(folder: Path, names: Iterable[str]) -> None:
    """Add or replace the digests of `names` in `folder/SHA256SUMS`, sorted by name.

    Lines of other files stay as they are. The list is replaced in one step and guarded by a lock
    on the folder, so that two scripts finishing together lose no line.

    Args:
        folder: the weights folder, usually `songdalle_core.artifacts.WEIGHTS`.
        names: paths below `folder` with forward slashes, such as `sentiment/vocabulary.json`.

    Raises:
        ValueError: a name is absolute, leaves the folder, or is no file.
        WeightsError: the existing list is malformed.
    """
    digests = {name: sha256(_inside(folder, name)) for name in names}
    with _locked(folder):
        listing = folder / LISTING
        sums = read_sums(folder) if listing.is_file() else {}
        sums.update(digests)
        lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
        partial = folder / f".{LISTING}.{os.getpid()}"
        partial.write_text("".join(lines), encoding="utf-8")
        partial.replace(listing)


def _inside(folder: Path, name: str) -> Path:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\n" in name or str(pure) != name:
        raise ValueError(f"{name!r}: give a path below {folder} such as sentiment/weights.json")
    path = folder / name
    if not path.is_file():
        raise ValueError(f"{path} is no file: write the weights before listing them")
    return path


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    # The folder itself is locked: a lock on the list would be lost when the list is replaced.
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main(arguments: list[str] | None = None) -> int:
    """List the named files; the exit status is 2 when a name is unusable."""
    parser = command_line.parser(__doc__)
    parser.add_argument("names", nargs="+", help="paths below the weights folder")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="weights folder")
    return command_line.run(parser, lambda args: update_sums(args.folder, args.names), arguments)


if __name__ == "__main__":
    sys.exit(main())
