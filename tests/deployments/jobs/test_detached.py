from __future__ import annotations

import asyncio
import contextvars

from ray.serve import context as serve_context

from deployments.jobs.detached import detached
from deployments.telemetry import tracing

MINE: contextvars.ContextVar[str] = contextvars.ContextVar("mine", default="none")


async def request_context() -> tuple[str, str, object]:
    request = serve_context._serve_request_context.get()
    return MINE.get(), request.request_id, tracing.carried()


def test_only_the_name_and_the_trace_of_a_request_go_along() -> None:
    async def run() -> None:
        MINE.set("the request's")
        tracing.carry({"traceparent": "x"})
        own = serve_context._RequestContext(request_id="r", _internal_request_id="i")
        serve_context._serve_request_context.set(own)
        assert await detached(request_context()) == ("none", "r", {"traceparent": "x"})

        async def internal() -> str:
            return str(serve_context._serve_request_context.get()._internal_request_id)

        assert await detached(internal()) not in ("", "i")

    asyncio.run(run())
