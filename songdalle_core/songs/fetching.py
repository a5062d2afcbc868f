"""GET requests to other people's servers: with an honest User-Agent, rate-limited, retried with back-off."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp
from aiolimiter import AsyncLimiter
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)
from yarl import URL

from songdalle_core import __version__
from songdalle_core.retry_after import parse_retry_after
from songdalle_core.songs.provider import ProviderBusy, ProviderFailed

BUSY = (429, 503)
BUSY_SECONDS = 5.0  # pause for a busy server that sends no Retry-After
MARGIN = 0.02  # a sleep may end a little early

_backoff = wait_exponential_jitter(multiplier=0.3, max=4.0, jitter=0.3)


@dataclass(frozen=True)
class Courtesy:
    """Rate limit, retries and bounds of the requests to a server.

    Attributes:
        gap: seconds from one request to the next, at least.
        waiting: requests under way or waiting, at most; more are refused.
        attempt_seconds: for one attempt.
        patience: seconds for a request with all its attempts and pauses.
        attempts: of a request, at most.
        max_bytes: of an answer, unpacked.
        stops_on: statuses after which nothing is sent for `rest` seconds.
    """

    gap: float = 0.2
    waiting: int = 16
    attempt_seconds: float = 8.0
    patience: float = 15.0
    attempts: int = 3
    max_bytes: int = 2 * 2**20
    stops_on: frozenset[int] = frozenset()
    rest: float = 3600.0


def user_agent(contact: str | None = None) -> str:
    """The User-Agent: the project, its version and, if given, a contact of the operator."""
    return f"SongDALL-E/{__version__}" + (f" (+{contact})" if contact else "")


class Fetcher:
    """GET requests to one server.

    Args:
        name: of the server, for messages.
        agent: the User-Agent.
    """

    def __init__(self, name: str, agent: str, courtesy: Courtesy) -> None:
        self._name = name
        self._agent = agent
        self._courtesy = courtesy
        self._pace = AsyncLimiter(1, max(courtesy.gap, 1e-6))
        self._under_way = 0
        self._quiet_until = 0.0
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: URL) -> bytes | None:
        """The body of `url`; None if there is none such (404).

        Raises:
            ProviderFailed: no answer, or none that can be used.
            ProviderBusy: the server refuses requests for now, or too many wait for it.
        """
        courtesy = self._courtesy
        if self._under_way >= courtesy.waiting:
            wait = courtesy.waiting * courtesy.gap
            raise ProviderBusy(f"too many searches wait for {self._name}", wait)
        self._under_way += 1
        retrying = AsyncRetrying(
            retry=retry_if_exception(self._is_transient),
            stop=stop_after_attempt(courtesy.attempts),
            wait=_pause,
            reraise=True,
        )
        try:
            async with asyncio.timeout(courtesy.patience):
                return await retrying(self._once, url)
        except TimeoutError:
            message = f"{self._name} did not answer within {courtesy.patience:g} s"
            raise ProviderFailed(message, passing=True) from None
        finally:
            self._under_way -= 1

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()

    def _is_transient(self, error: BaseException) -> bool:
        if isinstance(error, ProviderBusy):
            return error.retry_after < self._courtesy.patience / 2
        return isinstance(error, ProviderFailed) and error.passing

    async def _once(self, url: URL) -> bytes | None:
        self._raise_if_quiet()
        await self._pace.acquire()
        self._raise_if_quiet()  # another request may have been refused meanwhile
        try:
            async with (
                asyncio.timeout(self._courtesy.attempt_seconds),
                self._open().get(url, allow_redirects=False) as response,
            ):
                return await self._read(response)
        except TimeoutError:
            raise ProviderFailed(f"{self._name} does not answer in time", passing=True) from None
        except (aiohttp.ClientError, OSError) as error:
            message = f"{self._name} cannot be reached ({type(error).__name__})"
            raise ProviderFailed(message, passing=True) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            # The session belongs to the event loop of the first request, so it is not made earlier.
            self._session = aiohttp.ClientSession(
                headers={"User-Agent": self._agent},
                trust_env=True,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> bytes | None:
        status = response.status
        if status in self._courtesy.stops_on:
            self._be_quiet(self._courtesy.rest)
            message = f"{self._name} refuses to be asked ({status}); it is left alone for a while"
            raise ProviderBusy(message, self._courtesy.rest)
        if status in BUSY:
            wait = parse_retry_after(response.headers.get("Retry-After"))
            wait = min(BUSY_SECONDS if wait is None else wait, self._courtesy.rest)
            self._be_quiet(wait)
            raise ProviderBusy(f"{self._name} asks to wait ({status})", wait)
        if status == 404:
            return None
        if status != 200:
            message = f"{self._name} answers with status {status}"
            raise ProviderFailed(message, passing=status >= 500)
        body = bytearray()
        async for chunk in response.content.iter_chunked(2**16):
            body += chunk
            if len(body) > self._courtesy.max_bytes:
                raise ProviderFailed(f"{self._name} answers with more than a song can have")
        return bytes(body)

    def _be_quiet(self, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        self._quiet_until = max(self._quiet_until, end)

    def _raise_if_quiet(self) -> None:
        left = self._quiet_until - asyncio.get_running_loop().time()
        if left > 0:
            raise ProviderBusy(f"{self._name} asked not to be asked for now", left)


def _pause(state: RetryCallState) -> float:
    """Seconds before the next attempt: those of the server, else an exponential back-off."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, ProviderBusy):
        return error.retry_after + MARGIN
    return _backoff(state)
