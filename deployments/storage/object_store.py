"""Pictures of finished covers in a bucket, `<prefix>/<id>/<rank>.png`, each beside what it was drawn from.

The bucket is S3's or that of what speaks like it.

A picture appears whole or not at all, and a set is whole once `save` has returned: only then is its job done.
What is left of a set that was not stored whole is deleted, or replaced by the job's next attempt.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from deployments.contract.errors import PicturesUnavailable, StorageFull
from deployments.storage.pictures import DRAWING, PICTURE, checked, files_of, no_picture

if TYPE_CHECKING:
    from obstore.store import S3Store

CONNECT_SECONDS = 3.0
REQUEST_SECONDS = 20.0
RETRIES = 3
RETRY_SECONDS = 30.0
"""From the first try of a request, after which there is no other."""
AT_ONCE = 8  # requests of one process
MEDIA_TYPES = {PICTURE: "image/png", DRAWING: "application/octet-stream"}

_log = logging.getLogger("ray.serve")


class ObjectStore:
    """An `ImageStore` in a bucket.

    Credentials and region come from the environment (`AWS_...`) or the machine's role.

    Args:
        url: `s3://bucket/prefix`.
        endpoint_url: of another server than Amazon's.

    Raises:
        ValueError: the URL names no bucket, or obstore is not installed.
        StorageFull: the bucket cannot be used: it is not there, or does not answer, or refuses the credentials.
    """

    def __init__(self, url: str, endpoint_url: str | None = None) -> None:
        try:
            import obstore
            from obstore.store import S3Store
        except ImportError:
            raise ValueError(
                "images.url: s3:// needs obstore: pip install obstore, or song-dalle[s3]"
            ) from None
        place = urlsplit(url)
        if not place.netloc:
            raise ValueError("images.url names no bucket: write s3://bucket/covers")
        self._obstore = obstore
        self._place = f"{place.netloc}/{place.path.strip('/')}".rstrip("/")
        self._bucket: S3Store = S3Store(
            place.netloc,
            prefix=place.path.strip("/") or None,
            config={"endpoint": endpoint_url} if endpoint_url else {},
            client_options={
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                "timeout": timedelta(seconds=REQUEST_SECONDS),
                "allow_http": urlsplit(endpoint_url or "").scheme == "http",
            },
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=RETRY_SECONDS),
            },
        )
        self._pool = ThreadPoolExecutor(AT_ONCE, "pictures")
        try:  # a missing bucket would else look like missing pictures
            next(iter(obstore.list(self._bucket, chunk_size=1)), None)
        except obstore.exceptions.BaseError as error:
            raise StorageFull(f"cannot use the bucket {self._place}: {_reason(error)}") from error

    def save(self, name: str, images: Sequence[bytes], drawings: Sequence[bytes] = ()) -> None:
        """See `ImageStore`."""
        place = checked(name)
        files = {f"{place}/{file}": made for file, made in files_of(images, drawings).items()}
        try:
            list(self._pool.map(self._put, files, files.values()))
            if left := self._stored(name) - set(files):  # of an attempt that made more
                self._obstore.delete(self._bucket, sorted(left))
        except (self._obstore.exceptions.BaseError, OSError) as error:
            try:
                self.delete(name)
            except PicturesUnavailable:
                _log.warning("pictures of a set that was not stored are left in %s", self._place)
            raise StorageFull(f"the covers cannot be stored: {_reason(error)}") from error

    def _put(self, path: str, content: bytes) -> None:
        kind = {"Content-Type": MEDIA_TYPES[PurePosixPath(path).suffix]}
        self._obstore.put(self._bucket, path, content, attributes=kind, use_multipart=False)

    def read(self, name: str, rank: int) -> bytes:
        """See `ImageStore`.

        Raises:
            PicturesUnavailable: the bucket does not answer.
        """
        return self._read(name, rank, PICTURE)

    def drawing(self, name: str, rank: int) -> bytes:
        """See `ImageStore`.

        Raises:
            PicturesUnavailable: the bucket does not answer.
        """
        return self._read(name, rank, DRAWING)

    def _read(self, name: str, rank: int, kind: str) -> bytes:
        try:
            return bytes(self._obstore.get(self._bucket, f"{checked(name)}/{rank}{kind}").bytes())
        except FileNotFoundError:
            raise no_picture(name, rank) from None
        except self._obstore.exceptions.BaseError as error:
            raise self._unavailable(error) from error

    def delete(self, name: str) -> None:
        """See `ImageStore`.

        Raises:
            PicturesUnavailable: the bucket does not answer.
        """
        try:
            if stored := self._stored(checked(name)):
                self._obstore.delete(self._bucket, sorted(stored))
        except self._obstore.exceptions.BaseError as error:
            raise self._unavailable(error) from error

    def _stored(self, name: str) -> set[str]:
        """Paths of a set's pictures."""
        pages = self._obstore.list(self._bucket, prefix=f"{name}/")
        return {entry["path"] for page in pages for entry in page}

    def _unavailable(self, error: Exception) -> PicturesUnavailable:
        _log.error("the bucket %s failed: %s", self._place, _reason(error))
        return PicturesUnavailable("the pictures cannot be reached: try again soon")


def _reason(error: Exception) -> str:
    """What obstore says, in one line without the server's page and Rust's structures."""
    return " ".join(str(error).partition("\n\nDebug source")[0].partition("<")[0].split())
