"""What stands before Ray Serve's HTTP proxy.

Ray imports it where RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH is `deployments.proxy:middlewares` in the
environment of its nodes; `scripts/serve.py` sees to that.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.turnstile import Turnstile

# With these a client could switch off the service's time-outs, or go on drawing after it left.
OPERATORS_ONLY = frozenset({b"x-request-timeout-seconds", b"x-request-disconnect-disabled"})


class WithoutOperatorsHeaders:
    """Takes out of each request the headers that are not its client's to send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request."""
        if scope["type"] == "http":
            kept = [pair for pair in scope["headers"] if pair[0].lower() not in OPERATORS_ONLY]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)


def middlewares() -> list[Middleware]:
    """What Ray Serve puts around its proxy."""
    return [Middleware(WithoutOperatorsHeaders), Middleware(Turnstile)]
