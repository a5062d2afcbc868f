"""Turns requests for covers away in Ray Serve's proxy while the line of jobs is full.

Under overload most requests are refused, and what a refusal costs is taken from the jobs under way. When an
ingress has refused one because the line is full, it says for how long that surely stays so unless somebody
leaves; meanwhile the proxy refuses the others itself, unread. The line is that of all ingresses.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.api import problems
from deployments.api.access import DRAWING
from deployments.api.requests import respond_async
from deployments.contract.errors import Overloaded

MOST = 5.0  # seconds; no answer closes the door for longer


class OverloadMiddleware:
    """Lets requests through to an application unless they would surely be refused.

    With an `Idempotency-Key` the job may be known already, and with `Prefer: respond-async` it may wait for
    longer: these pass.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._closed_until = 0.0
        self._retry_after = 1
        self._departures = 0  # of clients that had a place in the line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        drawing = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in DRAWING
        if not drawing:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if self._clock() < self._closed_until and not _may_wait(request):
            refusal = Overloaded("as many requests wait in line as may", self._retry_after)
            await problems.answer_to(refusal, request)(scope, receive, send)
            return

        passage, departures = _Passage(receive, send), self._departures
        try:
            await self._app(scope, passage.receive, passage.send)
        finally:
            if passage.left:
                self._closed_until = 0.0  # the line is shorter than was foreseen
                self._departures += 1
            elif passage.refusal is not None and self._departures == departures:
                self._learn(passage.refusal)  # nobody left since it was decided, so it still holds

    def _learn(self, headers: Headers) -> None:
        full_for, retry_after = headers.get(problems.FULL_FOR), headers.get("retry-after")
        if full_for is None or retry_after is None:
            return
        self._closed_until = self._clock() + min(MOST, float(full_for))
        self._retry_after = int(retry_after)


class _Passage:
    """One request that was let through: what became of it."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._answered = False
        self.left = False
        self.refusal: Headers | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        self.left |= message["type"] == "http.disconnect" and not self._answered
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 503:
            self.refusal = Headers(raw=message["headers"])
        elif message["type"] == "http.response.body":
            self._answered = not message.get("more_body", False)
        await self._send(message)


def _may_wait(request: Request) -> bool:
    """Whether the job may be known, or in no hurry."""
    return "idempotency-key" in request.headers or respond_async(request.headers.get("prefer"))


# With these a client could switch off the service's time-outs, or go on drawing after it left.
OPERATORS_ONLY = frozenset({b"x-request-timeout-seconds", b"x-request-disconnect-disabled"})


class OperatorHeadersMiddleware:
    """Takes out of each request the headers that are not its client's to send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request."""
        if scope["type"] == "http":
            passed_on = [pair for pair in scope["headers"] if pair[0].lower() not in OPERATORS_ONLY]
            scope = {**scope, "headers": passed_on}
        await self._app(scope, receive, send)


def middlewares() -> list[Middleware]:
    """What Ray Serve puts around its proxy."""
    return [Middleware(OperatorHeadersMiddleware), Middleware(OverloadMiddleware)]
