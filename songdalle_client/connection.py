"""HTTP to the service: requests, bodies as they come, and every way to fail as one of the client's errors."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp
from pydantic import ValidationError

from songdalle_client.answers import Problem
from songdalle_client.errors import Lost, ServiceError, Unexpected, Unreachable
from songdalle_client.parsing import Model, parse
from songdalle_client.version import __version__

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


class Connection:
    """HTTP to one service; `async with` opens and closes its connections.

    Args:
        url: the service, such as http://127.0.0.1:8000.
        key: an API key, where the service asks for one.
    """

    def __init__(
        self, url: object, *, key: str | None = None, connecting: Connecting | None = None
    ) -> None:
        self.url = str(url).rstrip("/")
        self.connecting = connecting or Connecting()
        self._headers = {"User-Agent": AGENT} | ({"Authorization": f"Bearer {key}"} if key else {})

    async def __aenter__(self) -> Self:
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

    @asynccontextmanager
    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        accept: str = JSON,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A response of status 2xx, its body still to be read.

        Raises:
            ClientError: there is none.
        """
        url = f"{self.url}/{path}" + (f"?{urlencode(query)}" if query else "")
        all_headers = {"Accept": accept, **(headers or {})}
        try:
            async with asyncio.timeout(self.connecting.answer_seconds):
                # Following a redirect could lead lyrics and keys to a machine that nobody named.
                response = await self._session.request(
                    method, url, json=json, headers=all_headers, allow_redirects=False
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
                raise await self._service_error(response)
            yield response

    async def chunks(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        """The body as it comes.

        Raises:
            Lost: it was cut, or fell silent.
        """
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
        """The whole body.

        Raises:
            Lost: it was cut, or fell silent.
            Unexpected: it is larger than `max_bytes`.
        """
        body = bytearray()
        async for chunk in self.chunks(response):
            body += chunk
            if len(body) > self.connecting.max_bytes:
                raise Unexpected("the answer does not end")
        return bytes(body)

    async def fetch(self, method: str, path: str, **options: Any) -> bytes:
        """The whole body of a response; the options are those of `request`."""
        async with self.request(method, path, **options) as response:
            return await self.read(response)

    async def fetch_json(self, model: type[Model], method: str, path: str, **options: Any) -> Model:
        """The same, read as JSON."""
        return parse(model, await self.fetch(method, path, **options))

    async def _service_error(self, response: aiohttp.ClientResponse) -> ServiceError:
        body = (await self.read(response))[: 2**16]
        try:
            problem = Problem.model_validate_json(body)
        except ValidationError:
            text = body[:200].decode("utf-8", "replace")
            problem = Problem(status=response.status, title=response.reason or "", detail=text)
        retry_after = parse_retry_after(response.headers.get("Retry-After"))
        request_id = response.headers.get("X-Request-ID", "")[:200]
        problem = problem.model_copy(update={"status": response.status})
        return ServiceError(problem, retry_after, request_id)


def path_part(name: str) -> str:
    """A name as one part of a path, whatever is in it.

    Raises:
        ValueError: it has no such form: a path without its last part, or a step up, names something else.
    """
    if name in ("", ".", ".."):
        raise ValueError(f"{name!r} is no id")
    return quote(name, safe="")


def parse_retry_after(text: str | None) -> float | None:
    """Seconds to wait, from the header's seconds or date; None if it says nothing one can read.

    Source: RFC 9110, section 10.2.3.
    """
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", text or ""):
        return float(text or "")
    try:
        return max(0.0, parsedate_to_datetime(text or "").timestamp() - time.time())
    except ValueError:
        return None


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
