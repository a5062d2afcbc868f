"""A stop in Serve's proxy: what comes anew, what is under way, and what is left at the end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from deployments.api.stopping import StopMiddleware
from deployments.contract.stopping import ASKED, CUT, UNDER_WAY

EVENT = b"id: 7\nevent: preview\ndata: {}\n\n"
PATIENCE = 30.0


class Backend:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun = 0
        self.stopped = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun += 1
        try:
            await self._answer(scope["path"])(scope, receive, send)
        except asyncio.CancelledError:
            self.stopped += 1
            raise

    def _answer(self, path: str) -> Response:
        if path.endswith(("/events", "/generations")):
            where = {"Content-Location": path} if path.endswith("/events") else {}
            return StreamingResponse(self._events(), media_type="text/event-stream", headers=where)
        return StreamingResponse(self._bytes(), media_type="image/png")

    async def _events(self) -> Any:
        yield EVENT
        await self.go.wait()
        yield b"id: 8\nevent: done\ndata: {}\n\n"

    async def _bytes(self) -> Any:
        yield b"half"
        await self.go.wait()
        yield b"whole"


class Client:
    """One request, and what has come of it."""

    def __init__(self, app: Any, path: str) -> None:
        self.messages: list[Message] = []
        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "asgi": {}}
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.messages.append(message)

    async def end(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(PATIENCE):
            await self.task
        start, *bodies = self.messages
        assert not bodies[-1].get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], headers, b"".join(body["body"] for body in bodies)


def stopped(tmp_path: Path, story: Callable[[Any, Backend], Awaitable[None]]) -> None:
    async def run() -> None:
        backend = Backend()
        await story(StopMiddleware(backend, tmp_path), backend)

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def test_new_requests_are_refused_and_those_under_way_end(tmp_path: Path) -> None:
    async def story(app: Any, backend: Backend) -> None:
        stream, picture = (
            Client(app, "/v1/covers/0/events"),
            Client(app, "/v1/covers/0/images/1.png"),
        )
        await until(lambda: len(stream.messages) == len(picture.messages) == 2)
        (tmp_path / ASKED).touch()
        status, headers, body = await Client(app, "/p/v1/covers").end()
        assert (status, headers["retry-after"], headers["connection"]) == (503, "10", "close")
        assert headers[UNDER_WAY.lower()] == "2"
        assert json.loads(body)["type"].endswith(":stopping")
        status, _, body = await Client(app, "/p/v1/images/generations").end()
        assert (status, set(json.loads(body))) == (503, {"error"})
        assert backend.begun == 2
        backend.go.set()
        assert (await stream.end())[2].endswith(b"event: done\ndata: {}\n\n")
        assert (await picture.end())[2] == b"halfwhole"
        assert (await Client(app, "/healthz").end())[1][UNDER_WAY.lower()] == "0"

    stopped(tmp_path, story)


def test_who_is_left_is_told(tmp_path: Path) -> None:
    async def story(app: Any, backend: Backend) -> None:
        stream, openai = Client(app, "/p/v1/covers/0/events"), Client(app, "/v1/images/generations")
        await until(lambda: len(stream.messages) == len(openai.messages) == 2)
        (tmp_path / ASKED).touch()
        (tmp_path / CUT).touch()
        status, _, body = await stream.end()
        assert (status, body[: len(EVENT)]) == (200, EVENT)
        lines = body[len(EVENT) :].decode().strip().split("\n")
        fields = dict(line.split(": ", 1) for line in lines)
        assert (fields["event"], fields["retry"], "id" in fields) == ("interrupted", "10000", False)
        assert json.loads(fields["data"])["events_url"] == "/p/v1/covers/0/events"
        assert json.loads(fields["data"])["retry_after"] == 10
        _, _, body = await openai.end()
        assert body.startswith(EVENT + b"event: error\n")
        assert b'"error"' in body
        assert backend.stopped == 2

    stopped(tmp_path, story)


def test_who_had_no_answer_yet_gets_one(tmp_path: Path) -> None:
    class Slow(Backend):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.go.wait()

    async def story(_: Any, backend: Backend) -> None:
        app = StopMiddleware(Slow(), tmp_path)
        waiting = Client(app, "/v1/covers")
        await asyncio.sleep(0.05)
        (tmp_path / ASKED).touch()
        (tmp_path / CUT).touch()
        status, headers, body = await waiting.end()
        assert (status, headers["retry-after"]) == (503, "10")
        assert json.loads(body)["instance"] == "/v1/covers"

    stopped(tmp_path, story)


def test_a_client_that_leaves_takes_its_request_along(tmp_path: Path) -> None:
    async def story(app: Any, backend: Backend) -> None:
        client = Client(app, "/v1/covers/0/events")
        await until(lambda: len(client.messages) == 2)
        client.task.cancel()
        await asyncio.wait([client.task])
        assert client.task.cancelled()
        (tmp_path / ASKED).touch()
        assert (await Client(app, "/healthz").end())[1][UNDER_WAY.lower()] == "0"

    stopped(tmp_path, story)


def test_without_a_folder_everything_passes() -> None:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({"path": Request(scope).url.path})(scope, receive, send)

    async def run() -> None:
        assert (await Client(StopMiddleware(answer, None), "/healthz").end())[0] == 200

    asyncio.run(run())
