"""A stop that loses nothing, in Ray Serve's proxy: that ends at once when Serve is shut down.

While the file `ASKED` is in the folder, new requests are refused and those under way go on. When `CUT` is there
as well, those left are told: streams where they can be taken up, the others that they have to be sent again.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi.sse import format_sse_event
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.api import problems, sse
from deployments.api.openai.errors import error_of
from deployments.api.paths import guessed_prefix
from deployments.contract.errors import Stopping
from deployments.contract.events import Interrupted
from deployments.contract.problems import problem_of
from deployments.contract.stopping import ASKED, CUT, UNDER_WAY

RETRY_AFTER = 10  # seconds, about what a restart takes
LOOK_SECONDS = 0.1
DETAIL = f"the service is being stopped: ask again in {RETRY_AFTER} s"


class StopMiddleware:
    """Lets requests through to an application until it is to stop.

    Args:
        folder: where the files are; None: the application is never stopped like this.
    """

    def __init__(self, app: ASGIApp, folder: Path | None) -> None:
        self._app = app
        self._folder = folder
        self._under_way: set[_UnderWay] = set()
        self._watching: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or self._folder is None:
            await self._app(scope, receive, send)
            return
        if (self._folder / ASKED).exists():
            refusal = _refusal(scope)
            refusal.headers[UNDER_WAY] = str(len(self._under_way))
            await refusal(scope, receive, send)
            return
        passage = _UnderWay(scope, send)
        self._under_way.add(passage)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(self._folder / CUT))
        try:
            await self._app(scope, receive, passage.send)
        except asyncio.CancelledError:
            if not passage.cut:
                raise
        finally:
            self._under_way.discard(passage)

    async def _watch(self, cut: Path) -> None:
        while self._under_way:
            if cut.exists():
                ends = [passage.end() for passage in self._under_way]
                await asyncio.gather(*ends, return_exceptions=True)  # a client may be gone
            await asyncio.sleep(LOOK_SECONDS)


class _UnderWay:
    """One request that was let through, and how to end it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.cut = False
        self._scope = scope
        self._send = send
        self._task = asyncio.current_task()
        self._start: Headers | None = None

    async def send(self, message: Message) -> None:
        if self.cut:
            return
        if message["type"] == "http.response.start":
            self._start = Headers(raw=message["headers"])
        await self._send(message)

    async def end(self) -> None:
        """Say that it ends, as far as what was said already allows, and end it."""
        if self.cut:
            return
        self.cut = True
        try:
            if self._start is None:
                await _refusal(self._scope)(self._scope, _nothing, self._send)
            elif self._start.get("content-type", "").startswith(sse.MEDIA_TYPE):
                last = _last_words(self._start.get("content-location"))
                await self._send({"type": "http.response.body", "body": last, "more_body": False})
        finally:
            if self._task is not None:
                self._task.cancel()


def _refusal(scope: Scope) -> Response:
    prefix, _ = guessed_prefix(scope["path"])
    # Here root_path lacks Serve's route_prefix.
    request = Request({**scope, "root_path": prefix})
    refusal = problems.answer_to(Stopping(DETAIL, RETRY_AFTER), request)
    refusal.headers["Connection"] = "close"
    return refusal


def _last_words(events_url: str | None) -> bytes:
    """The event that ends a stream before its time; one that cannot be taken up again is OpenAI's."""
    if events_url is None:
        problem = problem_of(Stopping(DETAIL, RETRY_AFTER), "")
        return format_sse_event(data_str=error_of(problem).model_dump_json(), event="error")
    told = Interrupted(detail=DETAIL, events_url=events_url, retry_after=RETRY_AFTER)
    # It has no id, so that the last one counts, and a browser comes back by itself.
    data = told.model_dump_json()
    return format_sse_event(data_str=data, event=told.name, retry=1000 * RETRY_AFTER)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
