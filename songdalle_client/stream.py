"""The events of one request for covers, across lost connections."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import aiohttp

from songdalle_client.answers import CoverSet
from songdalle_client.errors import ClientError, Lost, ServiceError, Unexpected, Unreachable
from songdalle_client.events import Done, Event, Failed, Queued, read_event
from songdalle_client.jobs import Jobs
from songdalle_client.parsing import parse
from songdalle_client.requests import CoverRequest
from songdalle_client.sse import Decoder, Message

STREAM = "text/event-stream"
RESTARTING = (429, 502, 503, 504)
SHORTEST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
CANCEL_SECONDS = 10.0


class CoverStream:
    """Iterate it for the events, the last of which is `Done`.

    A lost connection is taken up where it broke: by the job's events after the last one that came or, if not
    even the first came, by the same request under the same idempotency key.

    Attributes:
        id: of the job; None until the first event has come.
        resumed: how often the connection was taken up again.
        request_id: the service's name for the request, to find it in the log.
    """

    def __init__(self, jobs: Jobs, request: CoverRequest) -> None:
        self.id: str | None = None
        self.resumed = 0
        self.request_id = ""
        self._jobs = jobs
        self._request = request
        self._key = uuid.uuid4().hex if jobs.connecting.resume_seconds else None
        self._sent = False
        self._ended = False
        self._last = ""

    def __aiter__(self) -> AsyncGenerator[Event]:
        return self._events()

    async def finish(self) -> CoverSet:
        """Wait for the covers.

        Raises:
            ClientError: there are none.
        """
        covers = None
        async for event in self._events():
            covers = event.covers if isinstance(event, Done) else None
        assert covers is not None  # a stream ends with its covers or with an error
        return covers

    async def cancel(self) -> None:
        """End the job at the service, also if its id did not come yet; no matter if it has ended.

        Raises:
            ClientError: the service could not be reached, or refused.
        """
        if not self._sent or self._ended:
            return
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                if self.id is None and self._key is not None:
                    # The request may have arrived: sent again under its key, it names the job.
                    self.id = (await self._jobs.submit(self._request, self._key)).id
                if self.id is not None:
                    await self._jobs.cancel(self.id)
        except TimeoutError:
            raise Lost(f"the service did not answer within {CANCEL_SECONDS:g} s") from None
        except ServiceError as error:
            if error.status != 404:
                raise
        self._ended = True

    async def _events(self) -> AsyncGenerator[Event]:
        loop = asyncio.get_running_loop()
        lost_at, tries = 0.0, 0
        while True:
            try:
                async with aclosing(self._connection()) as events:
                    async for event in events:
                        tries = 0
                        yield event
                        if self._ended:
                            return
                raise Lost("the stream ended before it was done")
            except (Lost, Unreachable, ServiceError) as error:
                lost_at = lost_at if tries else loop.time()
                pause = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2**tries) * random.uniform(0.5, 1.0)
                if not self._worth_another(error, loop.time() + pause - lost_at):
                    raise
                tries += 1
                await asyncio.sleep(pause)
                self.resumed += 1

    def _worth_another(self, error: ClientError, since: float) -> bool:
        """Whether the connection should be taken up again, `since` seconds after it was lost."""
        if self._ended or since > self._jobs.connecting.resume_seconds:
            return False
        # A refusal of the first request is the service's answer; later it may just be restarting.
        begun = self._last != "" or self.resumed > 0
        if isinstance(error, ServiceError):
            return begun and error.status in RESTARTING
        return begun or isinstance(error, Lost)

    async def _connection(self) -> AsyncGenerator[Event]:
        """The events of one connection, without those that came before."""
        accept = f"{STREAM}, application/json"
        headers = {"Last-Event-ID": self._last} if self._last else {}
        if self.id is None:
            self._sent = True
            headers |= {"Idempotency-Key": self._key} if self._key else {}
            response_to = self._jobs.request(
                "POST", "v1/covers", json=self._request.body(), headers=headers, accept=accept
            )
        else:
            path = f"v1/covers/{self.id}/events"
            response_to = self._jobs.request("GET", path, headers=headers, accept=accept)
        async with response_to as response:
            self.request_id = response.headers.get("X-Request-ID", "")[:200]
            if response.content_type != STREAM:
                yield await self._whole(response)
                return
            async for message in self._messages(response):
                event = read_event(message)
                self._last = message.id or self._last
                if event is not None:
                    self._note(event)
                    yield event

    async def _whole(self, response: aiohttp.ClientResponse) -> Done:
        """The answer of a service that does not stream."""
        covers = parse(CoverSet, await self._jobs.read(response))
        self.id, self._ended = covers.id, True
        return Done(covers=covers)

    async def _messages(self, response: aiohttp.ClientResponse) -> AsyncIterator[Message]:
        decoder = Decoder(self._jobs.connecting.max_bytes)
        last = int(self._last) if self._last.isdecimal() else 0
        async for chunk in self._jobs.chunks(response):
            try:
                for message in decoder.feed(chunk):
                    if not (message.id.isdecimal() and int(message.id) <= last):
                        yield message
            except ValueError as error:
                raise Unexpected(str(error)) from None

    def _note(self, event: Event) -> None:
        """Note what an event says of the job.

        Raises:
            ServiceError: there will be no covers.
        """
        if isinstance(event, Queued):
            self.id = event.id
        if isinstance(event, Done):
            self._ended = True
        if isinstance(event, Failed):
            self._ended = True
            raise ServiceError(event.problem)
