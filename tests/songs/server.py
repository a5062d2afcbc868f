"""A server that plays a provider of lyrics: answers by path, faults, and a record of who asked when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """One answer; `fault` is "", "cut" (half of the body), "endless" or "silent"."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


class ProviderServer:
    """Answers each path with its replies in turn, the last again and again."""

    def __init__(self, replies: dict[str, Sequence[Reply]]) -> None:
        self._replies = {path: list(listed) for path, listed in replies.items()}
        self.asked: list[web.Request] = []
        self.times: list[float] = []

    async def __aenter__(self) -> ProviderServer:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        self.times.append(time.monotonic())
        listed = self._replies.get(request.path)
        if not listed:
            return web.Response(status=404, text='{"code":404,"name":"TrackNotFound"}')
        reply = listed.pop(0) if len(listed) > 1 else listed[0]
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        if not reply.fault:
            return web.Response(body=body, status=reply.status, headers=reply.headers)
        if reply.fault == "silent":
            await asyncio.sleep(60)
        return await self._break(request, reply.fault, body)

    async def _break(self, request: web.Request, fault: str, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        if fault == "cut":
            response.content_length = 2 * len(body) + 1000
        await response.prepare(request)
        await response.write(body)
        while fault == "endless":
            await response.write(b" " * 2**16)
        assert request.transport is not None
        request.transport.abort()
        return response

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The query of each request."""
        return [dict(request.query) for request in self.asked]
