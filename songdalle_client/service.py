"""The service as an object: one method for each thing it does."""

from __future__ import annotations

from songdalle_client.answers import (
    CoverSet,
    FoundSong,
    FoundSongs,
    HistoryPage,
    SongWithLyrics,
)
from songdalle_client.connection import path_part
from songdalle_client.errors import Lost, ServiceError, Unexpected, Unreachable
from songdalle_client.jobs import Jobs
from songdalle_client.parsing import parse
from songdalle_client.releases import FACTS, ReleaseFacts, ReleaseFile, ReleaseRequest
from songdalle_client.requests import CoverRequest
from songdalle_client.stream import CoverStream


class SongDalle(Jobs):
    """An async client; `async with` opens and closes its connections.

    Every method raises `ClientError`: `Unreachable`, `Lost`, `Unexpected`, or `ServiceError` with the service's
    own words.

    Args:
        url: the service, such as http://127.0.0.1:8000.
        key: an API key, where the service asks for one.
        connecting: patience and bounds.
    """

    def draw(self, request: CoverRequest) -> CoverStream:
        """Ask for covers and follow how they come about."""
        return CoverStream(self, request)

    async def make(self, request: CoverRequest) -> CoverSet:
        """Covers, once all are drawn and ranked."""
        return await self.fetch_json(CoverSet, "POST", "v1/covers", json=request.body())

    async def history(
        self,
        *,
        limit: int = 20,
        before: str | None = None,
        q: str | None = None,
        mood: str | None = None,
    ) -> HistoryPage:
        """Finished cover sets, the newest first.

        Args:
            before: `next` of the page before.
            q: text to be found in titles, artists, lyrics and summaries.
        """
        filters = {"limit": str(limit), "before": before, "q": q, "mood": mood}
        query = {name: value for name, value in filters.items() if value is not None}
        return await self.fetch_json(HistoryPage, "GET", "v1/covers", query=query)

    async def search(self, query: str) -> list[FoundSong]:
        """Songs for "title" or "title artist"."""
        return (await self.fetch_json(FoundSongs, "GET", "v1/songs", query={"q": query})).songs

    async def song(self, song_id: str) -> SongWithLyrics:
        """A song that a search found, with its lyrics."""
        return await self.fetch_json(SongWithLyrics, "GET", f"v1/songs/{path_part(song_id)}")

    async def image(self, path: str) -> bytes:
        """The file of a cover, by its `url`.

        Raises:
            Unexpected: the path leads to another server.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise Unexpected("the address of a cover is no path at the service")
        # The service may stand below a prefix, which it names or a proxy hides; this client's address has it.
        return await self.fetch("GET", path[max(path.find("/v1/"), 0) + 1 :])

    async def release(self, id: str, rank: int, request: ReleaseRequest) -> ReleaseFile:
        """A cover as a file for stores, and what the service says of it."""
        path = f"v1/covers/{path_part(id)}/images/{rank}/release"
        async with self.request("POST", path, json=request.body(), accept="*/*") as response:
            facts = parse(ReleaseFacts, response.headers.get(FACTS, ""), "release")
            return ReleaseFile(await self.read(response), response.content_type, facts)

    async def not_ready(self) -> str | None:
        """None if every stage answers, else what is the matter; raises nothing."""
        try:
            async with self.request("GET", "readyz"):
                return None
        except ServiceError as error:
            return f"/readyz says {error.status}"
        except (Unreachable, Lost, Unexpected) as error:
            return str(error)
