"""Pictures of finished covers on disk, `covers/<id>/<rank>.png`, each beside what it was drawn from.

What is known of them is in the database.

The pictures of a set appear whole or not at all: they are written into a folder beside their place, which is
then renamed.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from deployments.config.application import ImagesOptions
from deployments.contract.covers import ID_PATTERN
from deployments.contract.errors import NotFound, StorageFull

UNFINISHED = ".unfinished-"
PICTURE, DRAWING = ".png", ".drawing"
ABANDONED_SECONDS = 3600.0
FLUSHERS = 12
"""Files handed to the disk at once."""

_ID = re.compile(ID_PATTERN.removesuffix("$") + r"\Z")  # "$" would also match before a newline


class ImageStore(Protocol):
    """Keeps the PNGs of cover sets. Safe to use from several threads and processes."""

    def save(self, name: str, images: Sequence[bytes], drawings: Sequence[bytes] = ()) -> None:
        """Keep a set's PNGs, best first, and what each was drawn from, in place of any that are there.

        Raises:
            StorageFull: they cannot be written.
        """

    def read(self, name: str, rank: int) -> bytes:
        """The PNG of a rank.

        Raises:
            NotFound: there is no such picture.
        """

    def drawing(self, name: str, rank: int) -> bytes:
        """What the picture of a rank was drawn from (`songdalle_core.drawings`).

        Raises:
            NotFound: there is no such picture, or it is from before this was kept.
        """

    def delete(self, name: str) -> None:
        """Delete a set's PNGs, if there are any."""


class CoverStore:
    """An `ImageStore` below a data folder."""

    def __init__(self, data: Path) -> None:
        """Create the folder, and clear away what a crash left unfinished.

        Raises:
            StorageFull: the folder cannot be created or written.
        """
        self.folder = data / "covers"
        self._flushers = ThreadPoolExecutor(FLUSHERS, "flush")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFull(f"cannot use the data folder {data}: {error.strerror}") from error
        self._clear()

    def save(self, name: str, images: Sequence[bytes], drawings: Sequence[bytes] = ()) -> None:
        """See `ImageStore`."""
        place = self._place(name)
        unfinished = self.folder / f"{UNFINISHED}{uuid.uuid4().hex}"
        try:
            unfinished.mkdir()
            self._write(unfinished, files_of(images, drawings))
            _replace(unfinished, place)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise StorageFull(f"the covers cannot be stored: {error.strerror}") from error

    def read(self, name: str, rank: int) -> bytes:
        """See `ImageStore`."""
        return self._read(name, rank, PICTURE)

    def drawing(self, name: str, rank: int) -> bytes:
        """See `ImageStore`."""
        return self._read(name, rank, DRAWING)

    def _read(self, name: str, rank: int, kind: str) -> bytes:
        try:
            return (self._place(name) / f"{rank}{kind}").read_bytes()
        except FileNotFoundError:
            raise no_picture(name, rank) from None

    def delete(self, name: str) -> None:
        """See `ImageStore`."""
        shutil.rmtree(self._place(name), ignore_errors=True)

    def _place(self, name: str) -> Path:
        return self.folder / checked(name)

    def _write(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """Write files and hand them to the disk: a power cut must not leave a set of empty files."""
        with ExitStack() as stack:
            opened = []
            for name, content in files.items():
                file = stack.enter_context((folder / name).open("wb"))
                file.write(content)
                file.flush()
                opened.append(file)
            # together, so that they share a flush of the disk: 4 ms for twelve of them, 50 to 80 one by one
            flushes = [self._flushers.submit(os.fsync, file.fileno()) for file in opened]
            wait(flushes)
            for flush in flushes:
                flush.result()

    def _clear(self) -> None:
        for left in self.folder.glob(f"{UNFINISHED}*"):
            try:
                old = time.time() - left.stat().st_mtime > ABANDONED_SECONDS
            except FileNotFoundError:
                continue
            if old:
                shutil.rmtree(left, ignore_errors=True)


def checked(name: str) -> str:
    """`name` if it is an id; anything else is refused before it becomes a path.

    Raises:
        NotFound: it is none.
    """
    if not _ID.match(name):
        raise NotFound(f"{name[:40]!r} is no id of a cover set: it has 32 hexadecimal digits")
    return name


def no_picture(name: str, rank: int) -> NotFound:
    """The error of a picture that is not there."""
    return NotFound(f"the cover set {name} has no picture of rank {rank}")


def files_of(images: Sequence[bytes], drawings: Sequence[bytes]) -> dict[str, bytes]:
    """Every file of a set, by its name."""
    files = {f"{rank}{PICTURE}": png for rank, png in enumerate(images, start=1)}
    return files | {f"{rank}{DRAWING}": drawn for rank, drawn in enumerate(drawings, start=1)}


def _replace(folder: Path, place: Path) -> None:
    """Move a folder to its place, where an attempt that did not come to its end may have left another."""
    while True:
        shutil.rmtree(place, ignore_errors=True)
        try:
            os.replace(folder, place)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise


class RemoteStore:
    """An `ImageStore` at a URL.

    Raises:
        ValueError: the URL names a kind of storage that fsspec does not know, or whose package is missing.
    """

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs

        try:
            self._files, self._folder = url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise ValueError(f"images.url: {error}") from error

    def save(self, name: str, images: Sequence[bytes], drawings: Sequence[bytes] = ()) -> None:
        """See `ImageStore`."""
        place = self._place(name)
        try:
            self._files.makedirs(place, exist_ok=True)
            files = files_of(images, drawings).items()
            self._files.pipe({f"{place}/{file}": content for file, content in files})
        except OSError as error:
            raise StorageFull(f"the covers cannot be stored: {error}") from error

    def read(self, name: str, rank: int) -> bytes:
        """See `ImageStore`."""
        return self._read(name, rank, PICTURE)

    def drawing(self, name: str, rank: int) -> bytes:
        """See `ImageStore`."""
        return self._read(name, rank, DRAWING)

    def _read(self, name: str, rank: int, kind: str) -> bytes:
        try:
            content: bytes = self._files.cat_file(f"{self._place(name)}/{rank}{kind}")
            return content
        except FileNotFoundError:
            raise no_picture(name, rank) from None

    def delete(self, name: str) -> None:
        """See `ImageStore`."""
        try:
            self._files.rm(self._place(name), recursive=True)
        except FileNotFoundError:
            return

    def _place(self, name: str) -> str:
        return f"{self._folder}/{checked(name)}"


def open_store(options: ImagesOptions, data: Path) -> ImageStore:
    """The store that the options name.

    Raises:
        ValueError: its URL is none, or a package is missing.
        StorageFull: it cannot be used.
    """
    if options.url is None:
        return CoverStore(data)
    if not options.url.startswith("s3://"):
        return RemoteStore(options.url)
    from deployments.storage.object_store import ObjectStore

    return ObjectStore(options.url, options.endpoint_url)
