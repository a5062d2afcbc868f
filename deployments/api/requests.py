"""Request bodies: JSON, and not too much of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Header
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
                reason = f"not {kind}" if kind else "which the request does not say"
                raise HTTPException(415, f"send the body as application/json, {reason[:100]}")
            return await inner(LimitedRequest(request.scope, request.receive))

        return checked


KEY_PATTERN = r"^[\x21-\x7e]{1,128}$"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="The same key with the same body gives the same job again, also after a lost answer.",
        examples=["5f0c1d7e"],
    ),
]
Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        max_length=200,
        description="`respond-async` (RFC 7240): answer with 202 as soon as the job is accepted.",
        examples=["respond-async"],
    ),
]
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        max_length=200,
        description="The `id` of the last event received; those after it are sent.",
        examples=["1000007"],
    ),
]


def respond_async(prefer: str | None) -> bool:
    """Whether `Prefer` asks not to wait."""
    wishes = (wish.partition(";")[0].strip().lower() for wish in (prefer or "").split(","))
    return "respond-async" in wishes


def client_of(request: Request) -> str:
    """Name of the access key that the request came with; "" when the service asks for none."""
    return str(getattr(request.state, "client", ""))
