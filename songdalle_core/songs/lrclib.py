"""lrclib.net: lyrics that its users share, open to all without a key.

Open access is not open content: LRCLIB states no licence for the lyrics, so they are shown and drawn, not
redistributed. Its documentation asks programs for a User-Agent with name and version.

Source: https://lrclib.net/docs
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from yarl import URL

from songdalle_core.pasted import is_instrumental
from songdalle_core.songs.fetching import Fetcher
from songdalle_core.songs.provider import Missing, ProviderFailed, Song, SongLyrics
from songdalle_core.songs.texts import tidy_lyrics, tidy_name

ADDRESS = "https://lrclib.net"

_KEY = re.compile(r"[0-9]{1,12}")
_ANYTHING = TypeAdapter(Any)


class _Track(BaseModel):
    """A track as `/api/search` and `/api/get` describe it."""

    id: int = Field(ge=0, lt=10**12)
    title: str = Field(alias="trackName")
    artist: str = Field(alias="artistName")
    album: str | None = Field(default=None, alias="albumName")
    duration: float | None = Field(default=None, ge=0, le=86_400, allow_inf_nan=False)
    instrumental: bool = False
    plain: str | None = Field(default=None, alias="plainLyrics")
    synced: str | None = Field(default=None, alias="syncedLyrics")

    def song(self) -> Song:
        album = tidy_name(self.album or "") or None
        seconds = round(self.duration) if self.duration else None
        names = (tidy_name(self.title), tidy_name(self.artist))
        return Song(Lrclib.name, str(self.id), *names, album, seconds)

    def lyrics(self) -> str:
        """Its lines; empty if it has none."""
        texts = (text for text in (self.plain, self.synced) if text and not is_instrumental(text))
        return next(filter(None, map(tidy_lyrics, texts)), "")

    def missing(self) -> Missing:
        """Why it has no lines."""
        said = any(is_instrumental(text) for text in (self.plain, self.synced) if text)
        return "instrumental" if self.instrumental or said else "no_lyrics"


class Lrclib:
    """The provider "lrclib"."""

    name = "lrclib"

    def __init__(self, fetcher: Fetcher, address: str = ADDRESS) -> None:
        self._fetcher = fetcher
        self._api = URL(address) / "api"

    async def search(self, query: str, limit: int) -> list[Song]:
        """Songs with lyrics, in LRCLIB's order; the same words under the same names come once."""
        entries = await self._ask((self._api / "search").with_query(q=query))
        if not isinstance(entries, list):
            raise ProviderFailed("LRCLIB answers with something that is no list of songs")
        songs: dict[tuple[str, str, str], Song] = {}
        for entry in entries:
            track = _read(entry)
            if track is not None and (words := track.lyrics()):
                song = track.song()
                same = (song.title.casefold(), song.artist.casefold(), "".join(words.split()))
                songs.setdefault(same, song)
        return list(songs.values())[:limit]

    async def lyrics(self, key: str) -> SongLyrics | None:
        """The track of a number."""
        if not _KEY.fullmatch(key):
            return None
        entry = await self._ask(self._api / "get" / key)
        if entry is None:
            return None
        track = _read(entry)
        if track is None:
            raise ProviderFailed("LRCLIB answers with something that is no song")
        words = track.lyrics()
        if words:
            return SongLyrics(track.song(), words)
        return SongLyrics(track.song(), None, track.missing())

    async def close(self) -> None:
        """End its connections."""
        await self._fetcher.close()

    async def _ask(self, url: URL) -> Any:
        """The JSON at `url`; None if there is nothing.

        Raises:
            SongsError: the request failed, or the answer is not JSON.
        """
        body = await self._fetcher.get(url)
        if body is None:
            return None
        try:
            return _ANYTHING.validate_json(body)
        except ValidationError:
            raise ProviderFailed("LRCLIB answers with something that is not JSON") from None


def _read(entry: Any) -> _Track | None:
    """A track, or None where the entry lacks what makes one."""
    try:
        return _Track.model_validate(entry)
    except ValidationError:
        return None
