from __future__ import annotations

import asyncio
from typing import Any

from deployments.proxy import WithoutOperatorsHeaders, middlewares
from deployments.turnstile import Turnstile


def test_only_the_operators_headers_are_taken_out() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    wrapped = middlewares()[0].cls(app)
    headers = [
        (b"x-request-timeout-seconds", b"0"),
        (b"X-Request-Disconnect-Disabled", b"?1"),
        (b"x-request-id", b"mine"),
    ]
    asyncio.run(wrapped({"type": "http", "headers": headers}, None, None))  # type: ignore[arg-type]
    asyncio.run(wrapped({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == [{"type": "http", "headers": headers[2:]}, {"type": "lifespan"}]


def test_the_turnstile_stands_behind_them() -> None:
    assert [middleware.cls for middleware in middlewares()] == [WithoutOperatorsHeaders, Turnstile]
