"""Covers that people made, which the survey shows beside ours; the operator names a folder of them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from deployments.contract.errors import NotFound

MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
MOST_BYTES = 10 * 2**20


@dataclass(frozen=True)
class PeoplePicture:
    """A file; `title` is its name without the suffix, "Artist - Title" or "Title"."""

    path: Path
    title: str

    @property
    def media_type(self) -> str:
        """Of the file, by its suffix."""
        return MEDIA_TYPES[self.path.suffix.lower()]


class PeoplePictures:
    """The pictures of a folder by their names, 32 digits of their content's SHA-256.

    Args:
        folder: read once; None has none.

    Raises:
        ValueError: it holds no picture, or one that is too large.
    """

    def __init__(self, folder: Path | None) -> None:
        self._pictures: dict[str, PeoplePicture] = {}
        if folder is None:
            return
        try:
            paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in MEDIA_TYPES)
            for path in paths:
                if path.stat().st_size > MOST_BYTES:
                    raise ValueError(f"survey: {path} has more than 10 MB: make it smaller")
                name = sha256(path.read_bytes()).hexdigest()[:32]
                self._pictures[name] = PeoplePicture(path, path.stem)
        except OSError as error:
            raise ValueError(f"survey.covers_by_people: {folder}: {error.strerror}") from error
        if not self._pictures:
            kinds = ", ".join(MEDIA_TYPES)
            raise ValueError(f"survey.covers_by_people: {folder} holds no picture ({kinds})")

    def __contains__(self, name: object) -> bool:
        return name in self._pictures

    @property
    def names(self) -> list[str]:
        """Of all pictures."""
        return list(self._pictures)

    def titled(self, title: str | None) -> str | None:
        """The picture of a song's own cover, by its title; None if it is not there."""
        wanted = _letters(title or "")
        found = (
            (name, _letters(p.title.rpartition(" - ")[2])) for name, p in self._pictures.items()
        )
        return next((name for name, letters in found if wanted and letters == wanted), None)

    def read(self, name: str) -> tuple[bytes, str]:
        """Content and media type.

        Raises:
            NotFound: there is no such picture.
        """
        picture = self._pictures.get(name)
        try:
            if picture is not None:
                return picture.path.read_bytes(), picture.media_type
        except OSError:
            pass
        raise NotFound("there is no such picture")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
