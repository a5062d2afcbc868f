"""Pictures of finished sets in the sizes and formats of OpenAI's clients."""

from __future__ import annotations

import base64
import io

import PIL.Image

from deployments.api.openai.schemas import ImageRequest
from deployments.storage.pictures import ImageStore
from songdalle_core.provenance import LOWEST_QUALITY, PictureFormat, convert

MEDIA_TYPES: dict[PictureFormat, str] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}


class ConvertedPictures:
    """Reads a store's pictures in another size or format."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store

    def read(
        self, name: str, rank: int, kind: PictureFormat, side: int | None, compression: int
    ) -> bytes:
        """A picture, `side` pixels a side or as it is stored.

        Args:
            compression: quality of JPEG and WebP, 0 to 100; see `quality_of`.

        Raises:
            NotFound: there is none.
        """
        stored = self._store.read(name, rank)
        return convert(stored, kind, side=side, quality=quality_of(compression))

    def asked(self, asked: ImageRequest, name: str, rank: int) -> bytes:
        """The same, as a request has it."""
        return self.read(name, rank, asked.kind, asked.side, asked.compression)


def quality_of(compression: int) -> int:
    """The quality that OpenAI's `output_compression` means, as low as the notice allows."""
    return max(LOWEST_QUALITY, compression)


def base64_of(picture: bytes) -> str:
    """A picture as the API writes it."""
    return base64.b64encode(picture).decode()


def size_of(picture: bytes) -> str:
    """ "256x256": what a picture measures, read from its head."""
    with PIL.Image.open(io.BytesIO(picture)) as opened:
        return f"{opened.width}x{opened.height}"
