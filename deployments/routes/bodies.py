"""Request bodies: JSON, and not too much of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

MAX_BODY = 256 * 1024
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class LimitedRequest(Request):
    """Stops reading a body that is too large, whatever length it claims."""

    async def body(self) -> bytes:
        """The body, read once.

        Raises:
            HTTPException: 413, it is larger than `MAX_BODY`.
        """
        if not hasattr(self, "_body"):
            body = bytearray()
            async for chunk in self.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    raise HTTPException(413)
            self._body = bytes(body)
        return self._body


class JsonRoute(APIRoute):
    """Refuses bodies that are too large or do not claim to be JSON."""

    def get_route_handler(self) -> Handler:
        """The route's handler behind the check."""
        inner: Handler = super().get_route_handler()

        async def checked(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                said = f"not {kind}" if kind else "which the request does not say"
                raise HTTPException(415, f"send the body as application/json, {said[:100]}")
            return await inner(LimitedRequest(request.scope, request.receive))

        return checked
