"""All providers as one, asked in turn, with a cache of their results."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from async_lru import alru_cache

from songdalle_core.songs.provider import Provider, Song, SongLyrics, SongsError
from songdalle_core.songs.texts import tidy_query

LIMIT = 20

_log = logging.getLogger(__name__)


class Catalogue:
    """Songs of several providers, the first of which is asked first.

    The others are asked only if those before them have no result or fail.

    Args:
        keep: cached searches, and as many cached songs; the least recently used is dropped first.
        expiry: seconds that a result stays in the cache.
    """

    def __init__(
        self, providers: Sequence[Provider], *, keep: int = 512, expiry: float = 3600.0
    ) -> None:
        self._providers = {provider.name: provider for provider in providers}
        if len(self._providers) < len(providers):
            raise ValueError("two providers of songs have the same name")
        # Equal requests at the same time become one; errors are not cached.
        self._search = alru_cache(maxsize=keep, ttl=expiry)(self._ask_all)
        self._lyrics = alru_cache(maxsize=keep, ttl=expiry)(self._ask_one)

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

    async def _ask_all(self, query: str) -> tuple[Song, ...]:
        failed: SongsError | None = None
        for provider in self._providers.values():
            try:
                songs = await provider.search(query, LIMIT)
            except SongsError as error:
                _log.warning("song search: %s", error)
                failed = failed or error
                continue
            if songs:
                return tuple(songs[:LIMIT])
        if failed is not None:
            raise failed
        return ()

    async def _ask_one(self, provider: str, key: str) -> SongLyrics | None:
        return await self._providers[provider].lyrics(key)
