"""The interface of a provider of lyrics.

A new one is one file: a class with the four members of `Provider`, whose requests go through a `Fetcher` with
its time-outs, pauses and retries. lrclib.py is an example of 100 lines. `serve_config.yaml` names it:

    songs:
      providers:
      - {provider: imported, factory: "my_module:MyProvider", settings: {any: argument}}
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

MAX_LYRICS = 20_000
"""Characters: what `POST /v1/covers` takes; no song has more."""

Missing = Literal["instrumental", "adults_only", "no_lyrics"]


@dataclass(frozen=True)
class Song:
    """One search result.

    Attributes:
        provider: name of its provider.
        key: the provider's identifier, of letters, digits, "-" and "_".
        seconds: its duration.
    """

    provider: str
    key: str
    title: str
    artist: str
    album: str | None = None
    seconds: int | None = None

    @property
    def id(self) -> str:
        """Identifier among the songs of all providers."""
        return f"{self.provider}:{self.key}"


@dataclass(frozen=True)
class SongLyrics:
    """A song with its lyrics, or with the reason why there are none.

    Attributes:
        lyrics: lines without time tags, at most `MAX_LYRICS` characters; None if `missing` says why.
    """

    song: Song
    lyrics: str | None
    missing: Missing | None = None


class Provider(Protocol):
    """A source of lyrics.

    Results are values, also those without lyrics, and are cached; transient failures are raised.
    """

    @property
    def name(self) -> str:
        """Lower-case letters, digits and "_", as in a song's id."""

    async def search(self, query: str, limit: int) -> Sequence[Song]:
        """Songs for "title" or "title artist", the best first; empty if there are none.

        Raises:
            SongsError: the request failed.
        """

    async def lyrics(self, key: str) -> SongLyrics | None:
        """The song that the provider calls `key`; None if there is none.

        Raises:
            SongsError: the request failed.
        """

    async def close(self) -> None:
        """End its connections."""


class SongsError(Exception):
    """A request to a provider failed; the message is for users."""


class ProviderFailed(SongsError):
    """The provider did not answer, or not in the expected form.

    Attributes:
        passing: whether the same question may succeed a moment later.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class ProviderBusy(SongsError):
    """The provider takes no requests now: it refused one, or too many wait for it.

    Attributes:
        retry_after: whole seconds until the next request.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = max(1, math.ceil(retry_after))
