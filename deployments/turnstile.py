"""Turns requests for covers away in Ray Serve's proxy while the line of jobs is full.

Under overload most requests are refused, and what a refusal costs is taken from the jobs under way. When an
ingress has refused one because the line is full, it says for how long that surely stays so; meanwhile the proxy
refuses the others itself, unread. The line is that of all ingresses.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments import problems
from deployments.access import DRAWING
from deployments.errors import Overloaded
from deployments.routes.preferences import respond_async

MOST = 5.0  # seconds; no answer closes the door for longer


class Turnstile:
    """Lets requests through to an application unless they would surely be refused.

    With an `Idempotency-Key` the job may be known already, and with `Prefer: respond-async` it may wait for
    longer: these pass.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._closed_until = 0.0
        self._retry_after = 1

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

        async def overheard(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 503:
                self._learn(Headers(raw=message["headers"]))
            await send(message)

        await self._app(scope, receive, overheard)

    def _learn(self, headers: Headers) -> None:
        full_for, retry_after = headers.get(problems.FULL_FOR), headers.get("retry-after")
        if full_for is None or retry_after is None:
            return
        self._closed_until = self._clock() + min(MOST, float(full_for))
        self._retry_after = int(retry_after)


def _may_wait(request: Request) -> bool:
    """Whether the job may be known, or in no hurry."""
    return "idempotency-key" in request.headers or respond_async(request.headers.get("prefer"))
