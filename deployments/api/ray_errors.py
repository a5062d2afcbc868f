"""Ray Serve's own errors as problems: its proxy answers in plain text, with the names of actors and addresses.

So it does when a replica of the ingress dies in the midst of a request (500), when there is none (503), when
its queue is full (503) and when `request_timeout_s` is over (408).
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.api import problems
from deployments.api.paths import guessed_prefix
from deployments.contract.errors import RETRY_AFTER

DETAILS = {
    HTTPStatus.REQUEST_TIMEOUT: "the service took too long: ask with Prefer: respond-async, and come back",
    HTTPStatus.TOO_MANY_REQUESTS: "too many requests wait: try again later",
    HTTPStatus.INTERNAL_SERVER_ERROR: "the process that served this request ended in the midst of it: "
    "repeat the request, with the Idempotency-Key that it had, if any",
    HTTPStatus.SERVICE_UNAVAILABLE: "the service is starting, or too many requests wait: try again later",
}
STATUSES = {HTTPStatus.INTERNAL_SERVER_ERROR: HTTPStatus.SERVICE_UNAVAILABLE}
"""What is told in place of a status: a process that ended is replaced, and the request may be repeated."""


class RayErrorMiddleware:
    """Says what Ray Serve's proxy answers by itself as the application would."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http" or scope["path"].startswith("/-/"):  # Ray's own routes
            await self._app(scope, receive, send)
            return
        start: Message | None = None  # of an answer of Ray's, whose body is dropped

        async def translated(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_rays(message):
                start = message
            elif start is None:
                await send(message)
            elif not message.get("more_body", False):
                await _answer(scope, start)(scope, receive, send)

        await self._app(scope, receive, translated)


def _is_rays(message: Message) -> bool:
    """Whether an answer is an error in plain text; those of the application are JSON."""
    kind = Headers(raw=message.get("headers", [])).get("content-type", "")
    return message["status"] in DETAILS and kind.startswith("text/plain")


def _answer(scope: Scope, start: Message) -> ASGIApp:
    status = HTTPStatus(start["status"])
    given = Headers(raw=start["headers"])
    told = STATUSES.get(status, status)
    prefix, _ = guessed_prefix(scope["path"])
    request_id = given.get("x-request-id", "")  # Ray gives one to a request that has none
    named = [*scope["headers"], (b"x-request-id", request_id.encode())]
    # Here root_path lacks Serve's route_prefix.
    request = Request({**scope, "root_path": prefix, "headers": named})
    headers = {"X-Request-ID": request_id} if request_id else {}
    if told != HTTPStatus.REQUEST_TIMEOUT:
        headers["Retry-After"] = given.get("retry-after", str(RETRY_AFTER))
    return problems.respond(request, told, DETAILS[status], headers=headers)
