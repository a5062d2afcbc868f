"""Visitors of the service: requests for covers over a bounded number of connections."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from ipaddress import ip_address
from types import TracebackType

from yarl import URL

from loadtests.service.exchange import MAX_DETAIL, Answer, Kind, Request, read_covers
from songdalle_client import (
    ClientError,
    Connecting,
    CoverRequest,
    Lost,
    ServiceError,
    SongDalle,
    Unreachable,
)
from songdalle_client.events import Done, Event, Judged, Previewed

MAX_BODY = 8 * 2**20  # bytes; a set of 24 urls has about 5,000
READY_PAUSE = 0.5
LONG = 3600.0  # seconds: a request's own patience ends it
REFUSALS = (429, 503)
FIRSTS: dict[type[Event], str] = {Previewed: "first_preview", Judged: "first_cover"}


class TargetRefused(ValueError):
    """The address is none that may be loaded; the message says why."""


class NotReady(RuntimeError):
    """The service does not answer; the message says what was tried."""


class CoverClient:
    """Asks for covers; every request is a visitor of its own.

    Args:
        url: the service.
        connections: requests under way at most; others wait, and that wait counts.
        connect_timeout: seconds for a connection to come about.
        stream: follow how covers come about, as the page does, instead of waiting for the whole set.
    """

    def __init__(
        self,
        url: URL,
        *,
        connections: int = 256,
        connect_timeout: float = 5.0,
        stream: bool = False,
    ) -> None:
        self.url = url
        self._connections = connections
        self._stream = stream
        # A kept connection may be closed by the service just as a request is written to it, and a
        # request is not repeated here: that failure would be the client's making.
        self._service = SongDalle(
            url,
            connecting=Connecting(
                connections=connections,
                reuse=False,
                connect_seconds=connect_timeout,
                answer_seconds=LONG,
                idle_seconds=LONG,
                resume_seconds=0.0,
                max_bytes=MAX_BODY,
            ),
        )

    async def __aenter__(self) -> CoverClient:
        self._gate = asyncio.Semaphore(self._connections)
        await self._service.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._service.__aexit__(kind, error, trace)

    async def ask(self, request: Request, give_up: float) -> Answer:
        """Ask once, and sort what comes back; never raises for what the service does.

        Args:
            give_up: when patience ends, in the event loop's time; waiting for a connection counts.
        """
        loop = asyncio.get_running_loop()
        asked, sent = loop.time(), None
        try:
            async with asyncio.timeout_at(give_up), self._gate:
                sent = loop.time()
                answer = await (self._follow if self._stream else self._wait)(request)
        except TimeoutError:
            answer = Answer(Kind.TIMEOUT, detail="no answer in time")
        except ClientError as error:
            answer = _failure(error)
        waited = (sent or loop.time()) - asked
        firsts = {name: waited + seconds for name, seconds in answer.firsts.items()}
        return replace(answer, waited=waited, firsts=firsts)

    async def _wait(self, request: Request) -> Answer:
        """Ask for the whole set."""
        response_to = self._service.request("POST", "v1/covers", json=request.body())
        async with response_to as response:
            body = await self._service.read(response)
            name = response.headers.get("X-Request-ID", "")
            try:
                return read_covers(json.loads(body), request, name)
            except (ValueError, RecursionError) as error:
                detail = str(error)[:MAX_DETAIL]
                return Answer(Kind.MALFORMED, response.status, detail, request_id=name)

    async def _follow(self, request: Request) -> Answer:
        """Ask for a stream, and note when its first preview and its first cover come."""
        loop = asyncio.get_running_loop()
        sent, firsts = loop.time(), dict[str, float]()
        stream = self._service.draw(CoverRequest(**request.body()))
        answer = Answer(Kind.CUT)
        async for event in stream:
            if (name := FIRSTS.get(type(event))) is not None:
                firsts.setdefault(name, loop.time() - sent)
            if isinstance(event, Done):
                answer = read_covers(event.covers.model_dump(), request, stream.request_id)
        return replace(answer, firsts=firsts)

    async def wait_ready(self, seconds: float, stop: asyncio.Event) -> None:
        """Return when `GET /readyz` says 200, or when stopped.

        Raises:
            NotReady: it did not within `seconds`.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not stop.is_set():
            reason = await self._readiness(end)
            if reason is None:
                return
            if loop.time() + READY_PAUSE > end:
                raise NotReady(
                    f"{self.url} is not ready after {seconds:g} s: {reason}; "
                    "start it with `make serve`, or wait longer with --ready-timeout"
                )
            await asyncio.sleep(READY_PAUSE)

    async def _readiness(self, end: float) -> str | None:
        """None if ready, else what is the matter."""
        try:
            async with asyncio.timeout_at(end):
                return await self._service.not_ready()
        except TimeoutError:
            return "no answer"


def _failure(error: ClientError) -> Answer:
    detail = str(error)[:MAX_DETAIL]
    if isinstance(error, ServiceError):
        kind = Kind.REFUSED if error.status in REFUSALS else Kind.STATUS
        retry = error.retry_after
        return Answer(kind, error.status, detail, retry_after=retry, request_id=error.request_id)
    if isinstance(error, Unreachable):
        return Answer(Kind.CONNECT, detail=detail)
    return Answer(Kind.CUT if isinstance(error, Lost) else Kind.MALFORMED, detail=detail)


def is_loopback(url: URL) -> bool:
    """Whether the address names this machine and no other."""
    host = url.host or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_target(text: str, *, allow_remote: bool = False) -> URL:
    """The service's address, without a slash at its end.

    Raises:
        TargetRefused: not an http(s) address, or not of this machine while `allow_remote` is off.
    """
    try:
        url = URL(text.rstrip("/"))
    except ValueError as error:
        raise TargetRefused(f"{text!r} is not an address: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise TargetRefused(f"{text!r} is not an address such as http://127.0.0.1:8000")
    if url.query_string or url.fragment:
        raise TargetRefused(f"{text!r} must not have a query or a fragment")
    if not (allow_remote or is_loopback(url)):
        raise TargetRefused(
            f"{url.host} is not this machine, and a load test is an attack on a service that is not "
            "yours: add --allow-remote if it is yours"
        )
    return url
