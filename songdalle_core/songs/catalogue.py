"""All providers as one, asked in turn, with a cache of their results."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from async_lru import alru_cache

from songdalle_core.songs.provider import Provider, Song, SongLyrics, SongsError
from songdalle_core.songs.simplification import simplified
from songdalle_core.songs.texts import tidy_query

LIMIT = 20
EMPTY_SECONDS = 60.0
"""For which an answer without songs or lyrics is remembered, at most: somebody may be adding them."""

_log = logging.getLogger(__name__)


class Catalogue:
    """Songs of several providers, the first of which is asked first.

    The others are asked only if those before them have no result or fail. Where nobody has one, those who
    answered are asked once more for the names in the query alone: see `simplified`.

    Args:
        keep: cached searches, and as many cached songs; the least recently used is dropped first.
        expiry: seconds that a result stays in the cache.
        empty_expiry: the same for an answer without songs or lyrics; `expiry` if that is less.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        keep: int = 512,
        expiry: float = 3600.0,
        empty_expiry: float = EMPTY_SECONDS,
    ) -> None:
        self._providers = {provider.name: provider for provider in providers}
        if len(self._providers) < len(providers):
            raise ValueError("two providers of songs have the same name")
        # Equal requests at the same time become one; errors are not cached, an empty answer among them.
        brief = min(expiry, empty_expiry)
        self._found = alru_cache(maxsize=keep, ttl=expiry)(self._ask_all)
        self._read = alru_cache(maxsize=keep, ttl=expiry)(self._ask_one)
        self._search = alru_cache(maxsize=keep, ttl=brief)(self._search_briefly)
        self._lyrics = alru_cache(maxsize=keep, ttl=brief)(self._lyrics_briefly)

    @property
    def names(self) -> list[str]:
        """Names of the providers, in the order in which they are asked."""
        return list(self._providers)

    async def search(self, query: str) -> tuple[Song, ...]:
        """At most `LIMIT` songs for "title" or "title artist"; empty if no provider has any.

        Raises:
            SongsError: no provider had a result, and a request failed.
        """
        return await self._search(tidy_query(query))

    async def lyrics(self, song_id: str) -> SongLyrics | None:
        """The song of an id; None if there is none.

        Raises:
            SongsError: the request to its provider failed.
        """
        provider, colon, key = song_id.partition(":")
        if not colon or provider not in self._providers:
            return None
        return await self._lyrics(provider, key)

    async def close(self) -> None:
        """End all connections."""
        for provider in self._providers.values():
            await provider.close()

    async def _search_briefly(self, query: str) -> tuple[Song, ...]:
        try:
            return await self._found(query)
        except _Empty:
            return ()

    async def _lyrics_briefly(self, provider: str, key: str) -> SongLyrics | None:
        try:
            return await self._read(provider, key)
        except _Empty as empty:
            return empty.song

    async def _ask_all(self, query: str) -> tuple[Song, ...]:
        failed: SongsError | None = None
        answering = list(self._providers.values())
        for words in filter(None, (query, simplified(query))):
            for provider in answering.copy():
                try:
                    songs = await provider.search(words, LIMIT)
                except SongsError as error:
                    _log.warning("song search: %s", error)
                    failed = failed or error
                    answering.remove(provider)
                    continue
                if songs:
                    return tuple(songs[:LIMIT])
        raise failed or _Empty

    async def _ask_one(self, provider: str, key: str) -> SongLyrics:
        song = await self._providers[provider].lyrics(key)
        if song is None or song.lyrics is None:
            raise _Empty(song)
        return song


class _Empty(Exception):
    """An answer that is not kept for long.

    Attributes:
        song: what is known of one without lyrics.
    """

    def __init__(self, song: SongLyrics | None = None) -> None:
        super().__init__()
        self.song = song
