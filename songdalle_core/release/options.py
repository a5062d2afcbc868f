"""What a release is asked to be, and the limits of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

SMALLEST_SIDE, LARGEST_SIDE = 1000, 3000
"""Pixels a side: the least that any distributor takes, and what all of them advise."""
MAX_BYTES = 10_000_000
"""Below which a file is taken everywhere: FreshTunes and Music Gateway say 10 MB."""
MAX_TRACKS = 40

FileFormat = Literal["jpeg", "png"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
Layout = Literal["headline", "corner", "centred", "split", "none"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)


@dataclass(frozen=True)
class SleeveText:
    """What is set in type, exactly as the release's metadata have it.

    Attributes:
        title: of the release.
        artist: who is credited.
        tracks: titles for the back cover, in order.
    """

    title: str = ""
    artist: str = ""
    tracks: tuple[str, ...] = ()


class ReleaseError(ValueError):
    """A sleeve that cannot be made.

    Attributes:
        field: what has to be changed: "title", "artist", "tracks", "layout" or "size".
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
