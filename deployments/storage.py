"""Finished covers on disk: `covers/<id>/covers.json` and `covers/<id>/<rank>.png`.

A set appears whole or not at all: it is written into a folder beside its place and then renamed.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from pydantic import ValidationError

from deployments.errors import NotFound, StorageFull
from deployments.schemas import ID_PATTERN, CoverSet

DESCRIPTION = "covers.json"
UNFINISHED = ".unfinished-"
ABANDONED_SECONDS = 3600.0

_ID = re.compile(ID_PATTERN.removesuffix("$") + r"\Z")  # "$" would also match before a newline


class CoverStore:
    """Cover sets below a data folder. Safe to use from several threads and processes."""

    def __init__(self, data: Path) -> None:
        """Create the folder, and clear away what a crash left unfinished.

        Raises:
            StorageFull: the folder cannot be created or written.
        """
        self.folder = data / "covers"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFull(f"cannot use the data folder {data}: {error.strerror}") from error
        self._clear()

    def save(self, covers: CoverSet, images: Sequence[bytes]) -> None:
        """Keep a set; `images` are its PNGs, best first.

        Raises:
            StorageFull: it cannot be written.
        """
        unfinished = self.folder / f"{UNFINISHED}{covers.id}"
        try:
            unfinished.mkdir()
            files = {f"{rank}.png": png for rank, png in enumerate(images, start=1)}
            bare = covers.model_copy(
                update={"covers": [c.model_copy(update={"b64_json": None}) for c in covers.covers]}
            )
            files[DESCRIPTION] = bare.model_dump_json(indent=1).encode()
            _write(unfinished, files)
            os.replace(unfinished, self.folder / covers.id)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise StorageFull(f"the covers cannot be stored: {error.strerror}") from error

    def load(self, name: str) -> CoverSet:
        """The set called `name`.

        Raises:
            NotFound: there is none, or it is damaged.
        """
        path = self._place(name) / DESCRIPTION
        try:
            return CoverSet.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            raise NotFound(f"there is no cover set {name}") from None

    def image(self, name: str, rank: int) -> Path:
        """Path of the PNG of a rank.

        Raises:
            NotFound: there is no such picture.
        """
        path = self._place(name) / f"{rank}.png"
        if not path.is_file():
            raise NotFound(f"the cover set {name} has no picture of rank {rank}")
        return path

    def _place(self, name: str) -> Path:
        """Folder of a set; anything but an id is refused before it becomes a path."""
        if not _ID.match(name):
            raise NotFound(f"{name[:40]!r} is no id of a cover set: it has 32 hexadecimal digits")
        return self.folder / name

    def _clear(self) -> None:
        for left in self.folder.glob(f"{UNFINISHED}*"):
            try:
                old = time.time() - left.stat().st_mtime > ABANDONED_SECONDS
            except FileNotFoundError:
                continue
            if old:
                shutil.rmtree(left, ignore_errors=True)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files and hand them to the disk: a power cut must not leave a set of empty files."""
    with ExitStack() as stack:
        opened = []
        for name, content in files.items():
            file = stack.enter_context((folder / name).open("wb"))
            file.write(content)
            file.flush()
            opened.append(file)
        for file in opened:  # all are written by now, so that one flush of the disk serves many
            os.fsync(file.fileno())
