"""Pictures of finished covers in any place that fsspec knows: `s3://bucket/folder`, `gs://...`, `file:///...`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deployments.errors import StorageFull
from deployments.storage import CoverStore, ImageStore, checked, no_picture


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

    def save(self, name: str, images: Sequence[bytes]) -> None:
        """See `ImageStore`."""
        place = self._place(name)
        try:
            self._files.makedirs(place, exist_ok=True)
            self._files.pipe(
                {f"{place}/{rank}.png": png for rank, png in enumerate(images, start=1)}
            )
        except OSError as error:
            raise StorageFull(f"the covers cannot be stored: {error}") from error

    def read(self, name: str, rank: int) -> bytes:
        """See `ImageStore`."""
        try:
            content: bytes = self._files.cat_file(f"{self._place(name)}/{rank}.png")
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


def open_store(url: str | None, data: Path) -> ImageStore:
    """The store at a URL, or below the data folder."""
    return CoverStore(data) if url is None else RemoteStore(url)
