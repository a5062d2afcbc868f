"""HEAD wherever there is GET: the same headers, and no body (RFC 9110, 9.3.2)."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Answered(Exception):
    """The headers are sent, and the body would come bit by bit."""


class HeadMiddleware:
    """Answers HEAD by what the application says to GET."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] != "http.response.start":
                return
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            if "content-length" not in Headers(raw=message["headers"]):
                raise _Answered  # a stream of events would be listened to for nobody

        try:
            await self._app({**scope, "method": "GET"}, receive, sending)
        except _Answered:
            return
