"""Turns requests for covers away in Ray Serve's proxy while the line of jobs is full.

Under overload most requests are refused, and what a refusal costs is taken from the jobs under way. When an
ingress has refused one because the line is full, it says for how long that surely stays so unless somebody
leaves; meanwhile the proxy refuses the others itself, unread. The line is that of all ingresses of an
application, which the proxy knows by the prefix that its paths begin with.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.api import problems
from deployments.api.access import DRAWING
from deployments.api.paths import guessed_prefix
from deployments.api.ray_errors import RayErrorMiddleware
from deployments.api.requests import respond_async
from deployments.api.stopping import StopMiddleware
from deployments.contract.errors import Overloaded
from deployments.contract.stopping import FOLDER_VARIABLE

MOST = 5.0  # seconds; no answer closes the door for longer


class OverloadMiddleware:
    """Lets requests through to an application unless they would surely be refused.

    With an `Idempotency-Key` the job may be known already, and with `Prefer: respond-async` it may wait for
    longer: these pass.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._doors: dict[str, _Door] = {}  # by the prefix of an application that has refused
        self._departures = 0  # of clients that had a place in a line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        posted = scope["type"] == "http" and scope["method"] == "POST"
        prefix, route = guessed_prefix(scope["path"]) if posted else ("", "")
        if route not in DRAWING:
            await self._app(scope, receive, send)
            return
        door = self._doors.get(prefix, OPEN)
        if self._clock() < door.closed_until and not _may_wait(Request(scope)):
            # Here root_path lacks Serve's route_prefix.
            request = Request({**scope, "root_path": prefix})
            refusal = Overloaded("as many requests wait in line as may", door.retry_after)
            await problems.answer_to(refusal, request)(scope, receive, send)
            return

        passage, departures = _Passage(receive, send), self._departures
        try:
            await self._app(scope, passage.receive, passage.send)
        finally:
            if passage.left:
                self._doors.pop(prefix, None)  # the line is shorter than was foreseen
                self._departures += 1
            elif passage.refusal is not None and self._departures == departures:
                self._learn(prefix, passage.refusal)  # nobody left since: so it still holds

    def _learn(self, prefix: str, headers: Headers) -> None:
        full_for, retry_after = headers.get(problems.FULL_FOR), headers.get("retry-after")
        if full_for is None or retry_after is None:
            return
        closed_until = self._clock() + min(MOST, float(full_for))
        self._doors[prefix] = _Door(closed_until, int(retry_after))


@dataclass(frozen=True)
class _Door:
    """Until when an application takes no more, and when to ask again."""

    closed_until: float
    retry_after: int


OPEN = _Door(0.0, 1)


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
    """What Ray Serve puts around its proxy, asked for once before its HTTP server is made.

    That server would otherwise take the client's address and scheme from the headers of whoever asks from this
    machine; which proxies are believed is for `deployments.api.origin` alone to say.
    """
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    folder = os.environ.get(FOLDER_VARIABLE)
    return [
        Middleware(OperatorHeadersMiddleware),
        Middleware(OverloadMiddleware),
        Middleware(StopMiddleware, folder=Path(folder) if folder else None),
        Middleware(RayErrorMiddleware),
    ]
