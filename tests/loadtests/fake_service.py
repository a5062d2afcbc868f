"""A service that speaks the HTTP contract, and breaks it on demand, on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from itertools import cycle
from typing import Any

from aiohttp import web

from tests.songdalle_client.service import Job, cover_set, event

HANG = 3600
NAME = "0" * 32
PREVIEW = 0.02  # seconds from one to the next


class FakeService:
    """Answers `POST /v1/covers` with the replies of a list, in turn.

    Args:
        replies: "covers", "stream", a status, or a way to break: "hang", "cut", "malformed", "few", "list".
        delay: seconds before covers come.
        workers: requests answered at a time; others queue without bound.
        metrics: pages of `/metrics`, one a reading, the last again and again; without any it is not there.
        port: to listen on; 0 is any.
    """

    def __init__(
        self,
        replies: Sequence[str] = ("covers",),
        delay: float = 0.0,
        workers: int = 1000,
        metrics: Sequence[str] = (),
        port: int = 0,
    ) -> None:
        self._port = port
        self.metrics = metrics
        self.bodies: list[dict[str, Any]] = []
        self.most = 0
        self._under_way = 0
        self._replies = cycle(replies)
        self._delay = delay
        self._workers = workers
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> FakeService:
        self._thread.start()
        assert self._started.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(30)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        self._gate = asyncio.Semaphore(self._workers)
        app = web.Application()
        app.router.add_post("/v1/covers", self._covers)
        app.router.add_get("/readyz", self._ready)
        if self.metrics:
            app.router.add_get("/metrics", self._page)
        runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._started.set()
        await self._end.wait()
        await runner.cleanup()

    async def _ready(self, request: web.Request) -> web.Response:
        return web.json_response({"ready": True, "stages": {}})

    async def _page(self, request: web.Request) -> web.Response:
        page, *rest = self.metrics
        self.metrics = rest or [page]
        return web.Response(text=page)

    async def _covers(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        try:
            async with self._gate:
                await asyncio.sleep(self._delay)
                return await self._reply(request, next(self._replies), body)
        finally:
            self._under_way -= 1

    async def _reply(
        self, request: web.Request, reply: str, body: dict[str, Any]
    ) -> web.StreamResponse:
        if reply.isdecimal():
            return problem(int(reply))
        if reply == "hang":
            await asyncio.sleep(HANG)
        if reply == "cut":
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b"{")
            assert request.transport is not None
            request.transport.abort()
            return response
        if reply == "malformed":
            return web.Response(text='{"covers": [', content_type="application/json")
        if reply == "list":
            return web.json_response([])
        body = body | {"candidates": body["candidates"] - (reply == "few")}
        if reply == "stream" and "text/event-stream" in request.headers["Accept"]:
            return await self._tell(request, body)
        return web.json_response(cover_set(NAME, body))

    async def _tell(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        """All events of a job; the last preview and the first cover come some time after the first preview."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        job = Job(NAME, body)
        job.complete()
        for number, (name, data) in enumerate(job.events, 1):
            if name == "preview":
                await asyncio.sleep(PREVIEW)
            await response.write(event(number, name, data))
        return response


def problem(status: int) -> web.Response:
    """A problem; refusals say when to come again, redirects where to go."""
    headers = {"X-Request-ID": "request-7"}
    if status in (429, 503):
        headers["Retry-After"] = "5"
    if status == 307:
        headers["Location"] = "http://127.0.0.1:9/"
    body = {"title": "No", "status": status, "detail": f"a problem of kind {status}"}
    return web.json_response(
        body, status=status, headers=headers, content_type="application/problem+json"
    )
