"""Fetch the openly licensed art that layers and scenes are made of, with the npm client.

    python scripts/training/fetch_art.py --out data/art

Each package is pinned by version and SHA-256; `icons.json` and `info.json` (author and licence) are taken from
it. Fetched sets are left alone, so that the command can be run again after an interruption.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.common import command_line
from songdalle_core.artifacts import sha256

FILES = ("icons.json", "info.json")


@dataclass(frozen=True)
class Package:
    """An npm package of the Iconify collection and what we know of it."""

    name: str
    version: str
    sha256: str
    licence: str

    @property
    def npm(self) -> str:
        """Name and version as the npm client takes them."""
        return f"@iconify-json/{self.name}@{self.version}"


PACKAGES = (
    Package(
        "fluent-emoji-flat",
        "1.2.6",
        "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175",
        "MIT, Microsoft",
    ),
    Package(
        "noto",
        "1.2.9",
        "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad",
        "Apache-2.0, Google",
    ),
    Package(
        "noto-v1",
        "1.2.5",
        "2bf62c26c2c2884aa99e90aec942cdaee17a5921f05690694f4978ad4b017c37",
        "Apache-2.0, Google",
    ),
    Package(
        "twemoji",
        "1.2.5",
        "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7",
        "CC-BY 4.0, Twitter",
    ),
    Package(
        "emojione",
        "1.2.3",
        "26a14f44284407e8bcde91799388dca2bfd91dbcd55a97f425524a1c5b73610e",
        "CC-BY 4.0, Emoji One",
    ),
)


class FetchError(RuntimeError):
    """A package could not be fetched or is not the one that was pinned."""


def pack(package: Package, folder: Path) -> Path:
    """Download a package's archive into `folder`.

    Raises:
        FetchError: npm is missing or refuses.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is missing: install Node.js, which brings it")
    command = [npm, "pack", package.npm, "--pack-destination", str(folder), "--silent"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    archives = list(folder.glob("*.tgz"))
    if result.returncode != 0 or len(archives) != 1:
        raise FetchError(f"npm pack {package.npm} failed: {result.stderr.strip()[-300:]}")
    return archives[0]


def unpack(archive: Path, package: Package, out: Path) -> None:
    """Check the archive's digest and put its files into `out/<name>` in one move.

    Raises:
        FetchError: the digest differs or a file is missing.
    """
    if sha256(archive) != package.sha256:
        raise FetchError(
            f"{archive.name} has SHA-256 {sha256(archive)}, pinned is {package.sha256}"
        )
    out.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=out, prefix=".partial-"))
    with tarfile.open(archive) as tar:
        for name in FILES:
            try:
                source = tar.extractfile(f"package/{name}")
            except KeyError as error:
                raise FetchError(f"{archive.name} lacks {name}") from error
            assert source is not None
            (partial / name).write_bytes(source.read())
    os.replace(partial, out / package.name)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command_line.parser(__doc__)
    made.add_argument("--out", type=Path, default=Path("data/art"), help="folder for the art sets")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    args = parser().parse_args(arguments)
    for package in PACKAGES:
        if (args.out / package.name / FILES[0]).is_file():
            print(f"{package.name}: already there")
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                unpack(pack(package, Path(folder)), package, args.out)
            except (FetchError, subprocess.TimeoutExpired) as error:
                print(f"fetch_art: {error}", file=sys.stderr)
                return 1
        print(f"{package.name} {package.version} ({package.licence}) -> {args.out / package.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
