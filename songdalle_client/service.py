"""The service as an object: one method for each thing it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp
from pydantic import ValidationError
from yarl import URL

from songdalle_client.answers import (
    CoverSet,
    FoundSong,
    FoundSongs,
    HistoryPage,
    JobStatus,
    Model,
    Problem,
    SongWithLyrics,
    State,
    parse,
)
from songdalle_client.errors import Lost, ServiceError, Unexpected, Unreachable
from songdalle_client.orders import CoverOrder
from songdalle_client.stream import CoverStream
from songdalle_core import __version__
from songdalle_core.retry_after import parse_retry_after

JSON = "application/json"
AGENT = f"songdalle-client/{__version__}"


@dataclass(frozen=True)
class Connecting:
    """Patience and bounds of a client.

    Attributes:
        connections: at once, at most.
        reuse: keep connections for the next request.
        connect_seconds: for a connection to come about.
        answer_seconds: for an answer to begin; a whole cover set, without a stream, takes its time.
        idle_seconds: of silence within an answer; a stream's heart beats every ten.
        resume_seconds: for which a lost stream is taken up again; 0: not at all.
        max_bytes: of an answer, or of one event of a stream.
    """

    connections: int = 8
    reuse: bool = True
    connect_seconds: float = 5.0
    answer_seconds: float = 300.0
    idle_seconds: float = 30.0
    resume_seconds: float = 60.0
    max_bytes: int = 2**26


class SongDalle:
    """An async client; `async with` opens and closes its connections.

    Every method raises `ClientError`: `Unreachable`, `Lost`, `Unexpected`, or `ServiceError` with the service's
    own words.

    Args:
        url: the service, such as http://127.0.0.1:8000.
        key: an API key, where the service asks for one.
    """

    def __init__(
        self, url: URL | str, *, key: str | None = None, connecting: Connecting | None = None
    ) -> None:
        self.url = URL(url)
        self.connecting = connecting or Connecting()
        self._headers = {"User-Agent": AGENT} | ({"Authorization": f"Bearer {key}"} if key else {})

    async def __aenter__(self) -> SongDalle:
        chosen = self.connecting
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=chosen.connections, force_close=not chosen.reuse),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=chosen.connect_seconds),
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    def draw(self, order: CoverOrder) -> CoverStream:
        """Ask for covers and follow how they come about."""
        return CoverStream(self, order)

    async def make(self, order: CoverOrder) -> CoverSet:
        """Covers, once all are drawn and ranked."""
        return await self._json(CoverSet, "POST", "v1/covers", json=order.body())

    async def submit(self, order: CoverOrder, key: str | None = None) -> JobStatus | CoverSet:
        """Ask for covers without waiting for them.

        Args:
            key: the same key and order give the same job again.
        """
        headers = {"Prefer": "respond-async"} | ({"Idempotency-Key": key} if key else {})
        return _job(await self._body("POST", "v1/covers", json=order.body(), headers=headers))

    async def job(self, job_id: str) -> JobStatus | CoverSet:
        """A job, or once it is done its covers."""
        return _job(await self._body("GET", f"v1/covers/{_part(job_id)}"))

    async def cancel(self, job_id: str) -> None:
        """Cancel an unfinished job; delete a finished one."""
        async with self.asking("DELETE", f"v1/covers/{_part(job_id)}"):
            return

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
        asked = {"limit": str(limit), "before": before, "q": q, "mood": mood}
        query = {name: value for name, value in asked.items() if value is not None}
        return await self._json(HistoryPage, "GET", "v1/covers", query=query)

    async def search(self, query: str) -> list[FoundSong]:
        """Songs for "title" or "title artist"."""
        return (await self._json(FoundSongs, "GET", "v1/songs", query={"q": query})).songs

    async def song(self, song_id: str) -> SongWithLyrics:
        """A song that a search found, with its lyrics."""
        return await self._json(SongWithLyrics, "GET", f"v1/songs/{_part(song_id)}")

    async def image(self, path: str) -> bytes:
        """The file of a cover, by its `url`.

        Raises:
            Unexpected: the path leads to another server.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise Unexpected("the address of a cover is no path at the service")
        async with self.asking("GET", path.removeprefix("/")) as response:
            return await self.read(response)

    async def not_ready(self) -> str | None:
        """None if every stage answers, else what is the matter; raises nothing."""
        try:
            async with self.asking("GET", "readyz"):
                return None
        except ServiceError as error:
            return f"/readyz says {error.status}"
        except (Unreachable, Lost, Unexpected) as error:
            return str(error)

    @asynccontextmanager
    async def asking(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        accept: str = JSON,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A response of status 2xx, its body still to be read."""
        url = self.url.joinpath(path, encoded=True).with_query(query)
        sent = {"Accept": accept, **(headers or {})}
        try:
            async with asyncio.timeout(self.connecting.answer_seconds):
                # Following a redirect could lead lyrics and keys to a machine that nobody named.
                response = await self._session.request(
                    method, url, json=json, headers=sent, allow_redirects=False
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(f"no connection to {self.url}: {_reason(error)}") from error
        except aiohttp.InvalidURL as error:
            raise Unreachable(f"{self.url} is no address: {error}") from error
        except TimeoutError as error:
            raise Lost(f"no answer within {self.connecting.answer_seconds:g} s") from error
        except aiohttp.ClientResponseError as error:
            raise Unexpected(f"{self.url} does not speak HTTP: {_reason(error)}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Lost(f"the connection to {self.url} was cut: {_reason(error)}") from error
        async with response:
            if not 200 <= response.status < 300:
                raise await self._problem(response)
            yield response

    async def chunks(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        """The body as it comes."""
        try:
            while True:
                async with asyncio.timeout(self.connecting.idle_seconds):
                    chunk = await response.content.readany()
                if not chunk:
                    return
                yield chunk
        except TimeoutError as error:
            raise Lost(f"nothing came for {self.connecting.idle_seconds:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Lost(f"the connection was cut: {_reason(error)}") from error

    async def read(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body."""
        body = bytearray()
        async for chunk in self.chunks(response):
            body += chunk
            if len(body) > self.connecting.max_bytes:
                raise Unexpected("the answer does not end")
        return bytes(body)

    async def _json(self, model: type[Model], method: str, path: str, **asked: Any) -> Model:
        return parse(model, await self._body(method, path, **asked))

    async def _body(self, method: str, path: str, **asked: Any) -> bytes:
        async with self.asking(method, path, **asked) as response:
            return await self.read(response)

    async def _problem(self, response: aiohttp.ClientResponse) -> ServiceError:
        body = (await self.read(response))[: 2**16]
        try:
            problem = Problem.model_validate_json(body)
        except ValidationError:
            said = body[:200].decode("utf-8", "replace")
            problem = Problem(status=response.status, title=response.reason or "", detail=said)
        retry_after = parse_retry_after(response.headers.get("Retry-After"))
        request_id = response.headers.get("X-Request-ID", "")[:200]
        problem = problem.model_copy(update={"status": response.status})
        return ServiceError(problem, retry_after, request_id)


def _job(body: bytes) -> JobStatus | CoverSet:
    if parse(State, body).status == "done":
        return parse(CoverSet, body)
    return parse(JobStatus, body)


def _part(name: str) -> str:
    """A name as one part of a path, whatever is in it."""
    return URL.build(path=f"/{name}").raw_path.removeprefix("/").replace("/", "%2F")


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
