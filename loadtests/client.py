"""The HTTP client: `POST /v1/covers` over a bounded number of connections."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import TracebackType

import aiohttp
from yarl import URL

from loadtests.answers import Answer, Kind, read_answer
from loadtests.orders import Order

MAX_BODY = 8 * 2**20  # bytes; a set of 24 urls has about 5,000
READY_PAUSE = 0.5


class NotReady(RuntimeError):
    """The service does not answer; the message says what was tried."""


class CoverClient:
    """Asks for covers; every request is a visitor of its own.

    Args:
        url: the service.
        connections: requests under way at most; others wait, and that wait counts.
        connect_timeout: seconds for a connection to come about.
    """

    def __init__(self, url: URL, *, connections: int = 256, connect_timeout: float = 5.0) -> None:
        self.url = url
        self._connections = connections
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout)

    async def __aenter__(self) -> CoverClient:
        self._gate = asyncio.Semaphore(self._connections)
        # A kept connection may be closed by the service just as a request is written to it, and a
        # POST is not repeated: that failure would be the client's making.
        connector = aiohttp.TCPConnector(limit=self._connections, force_close=True)
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def ask(self, order: Order, give_up: float) -> Answer:
        """Ask once, and sort what comes back; never raises for what the service does.

        Args:
            give_up: when patience ends, in the event loop's time; waiting for a connection counts.
        """
        loop = asyncio.get_running_loop()
        asked, sent = loop.time(), None
        try:
            async with asyncio.timeout_at(give_up), self._gate:
                sent = loop.time()
                answer = await self._post(order)
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            answer = _failure(error)
        return replace(answer, waited=(sent or loop.time()) - asked)

    async def _post(self, order: Order) -> Answer:
        # Following a redirect could lead the load to a machine that nobody allowed.
        asking = self._session.post(
            self.url / "v1/covers", json=order.body(), allow_redirects=False
        )
        async with asking as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(2**16):
                body += chunk
                if len(body) > MAX_BODY:
                    return Answer(Kind.MALFORMED, response.status, "the answer does not end")
            return read_answer(response.status, response.headers, bytes(body), order)

    async def wait_ready(self, seconds: float, stop: asyncio.Event) -> None:
        """Return when `GET /readyz` says 200, or when stopped.

        Raises:
            NotReady: it did not within `seconds`.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not stop.is_set():
            said = await self._readiness(end)
            if said is None:
                return
            if loop.time() + READY_PAUSE > end:
                raise NotReady(
                    f"{self.url} is not ready after {seconds:g} s: {said}; "
                    "start it with `make serve`, or wait longer with --ready-timeout"
                )
            await asyncio.sleep(READY_PAUSE)

    async def _readiness(self, end: float) -> str | None:
        """None if ready, else what is the matter."""
        try:
            async with (
                asyncio.timeout_at(end),
                self._session.get(self.url / "readyz", allow_redirects=False) as response,
            ):
                return None if response.status == 200 else f"/readyz says {response.status}"
        except (aiohttp.ClientError, OSError) as error:
            return str(error) or "no answer"


def _failure(error: Exception) -> Answer:
    detail = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Answer(Kind.CONNECT, detail=detail)
    if isinstance(error, TimeoutError):
        return Answer(Kind.TIMEOUT, detail="no answer in time")
    if isinstance(error, aiohttp.ClientResponseError):
        return Answer(Kind.MALFORMED, detail=detail)
    return Answer(Kind.CUT, detail=detail)
