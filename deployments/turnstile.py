"""Turns requests for covers away at the door while the line of jobs is full.

Under overload most requests are refused. What a refusal costs is taken from the jobs under way, so none is
read, validated or looked up in the book while the last look found it full.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments import problems
from deployments.access import DRAWING
from deployments.fullness import Fullness
from deployments.routes.preferences import respond_async


class Turnstile:
    """Lets requests through to an application unless they would surely be refused.

    With an `Idempotency-Key` the job may be known already, and with `Prefer: respond-async` it may wait for
    longer: these pass.
    """

    def __init__(self, app: ASGIApp, fullness: Fullness) -> None:
        self._app = app
        self._fullness = fullness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        refusal = self._fullness.now() if scope["type"] == "http" else None
        if refusal is None or scope["method"] != "POST" or scope["path"] not in DRAWING:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        known = "idempotency-key" in request.headers
        if known or respond_async(request.headers.get("prefer")):
            await self._app(scope, receive, send)
            return
        await problems.answer_to(refusal, request)(scope, receive, send)
