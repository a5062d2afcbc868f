"""Requests that the proxy refuses while the job queue is full, and those that pass."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from deployments.api.problems import answer_to
from deployments.api.proxy import OperatorHeadersMiddleware, OverloadMiddleware, middlewares
from deployments.api.ray_errors import RayErrorMiddleware
from deployments.api.stopping import StopMiddleware
from deployments.contract.errors import CoverError, LineFull, Overloaded

COVERS, IMAGES = "/v1/covers", "/v1/images/generations"


class Backend:
    """An application that fails with `error` if there is one, and a clock."""

    error: CoverError | None = LineFull("7 requests are waiting already", 3, 0.5)
    now = 100.0
    asked = 0

    async def answer(self, request: Request) -> Response:
        self.asked += 1
        if self.error is not None:
            return answer_to(self.error, request)
        return PlainTextResponse(f"passed {(await request.body()).decode()}")


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
def client(backend: Backend) -> TestClient:
    """The back end behind the middleware."""
    paths = (COVERS, IMAGES, "/v1/songs")
    app = Starlette(routes=[Route(path, backend.answer, methods=["GET", "POST"]) for path in paths])
    app.add_middleware(OverloadMiddleware, clock=lambda: backend.now)
    return TestClient(app)


def test_after_one_refusal_the_proxy_refuses_by_itself(
    client: TestClient, backend: Backend
) -> None:
    first = client.post(COVERS, content=b"read")
    assert (first.status_code, first.headers["x-line-full-for"]) == (503, "0.5")
    backend.error = None
    answer = client.post(COVERS, content=b"not read")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:song-dalle:problem:overloaded"
    assert backend.asked == 1


def test_a_prefix_keeps_no_door_open(backend: Backend) -> None:
    """Serve's proxy knows no route prefix, and may serve several applications."""
    paths = [f"{prefix}{path}" for prefix in ("", "/a", "/a/b") for path in (COVERS, IMAGES)]
    app = Starlette(routes=[Route(path, backend.answer, methods=["POST"]) for path in paths])
    app.add_middleware(OverloadMiddleware, clock=lambda: backend.now)
    client = TestClient(app)
    client.post("/a/b" + COVERS)
    backend.error = None
    for path in ("/a/b" + COVERS, "/a/b" + COVERS + "%0A", "/a/b" + IMAGES):
        assert client.post(path).status_code == 503
    assert client.post("/a/b" + COVERS).json()["instance"] == "/a/b" + COVERS
    assert set(client.post("/a/b" + IMAGES).json()) == {"error"}
    assert [client.post(path).status_code for path in paths[:4]] == [200] * 4


def test_the_server_below_believes_no_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """uvicorn, in Serve's proxy, takes the client's address from X-Forwarded-For of this machine's clients."""
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    middlewares()
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["client"], scope["scheme"]))

    config = uvicorn.Config(app, lifespan="off")
    config.load()
    headers = [(b"x-forwarded-for", b"203.0.113.5"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": ("127.0.0.1", 1), "scheme": "http", "headers": headers}
    asyncio.run(config.loaded_app(scope, None, None))  # type: ignore[arg-type]
    assert seen == [(("127.0.0.1", 1), "http")]


def test_openais_clients_get_openais_error(client: TestClient) -> None:
    client.post(COVERS)
    answer = client.post(IMAGES, json={"prompt": "a balloon"})
    assert answer.status_code == 503
    assert "wait in line" in answer.json()["error"]["message"]


@pytest.mark.parametrize("headers", [{"Idempotency-Key": "k"}, {"Prefer": "wait=5, respond-async"}])
def test_known_and_patient_requests_pass(
    client: TestClient, backend: Backend, headers: dict[str, str]
) -> None:
    client.post(COVERS)
    backend.error = None
    assert client.post(COVERS, content=b"whole", headers=headers).text == "passed whole"


def test_other_requests_pass(client: TestClient, backend: Backend) -> None:
    client.post(COVERS)
    backend.error = None
    assert client.get(COVERS).status_code == 200
    assert client.post("/v1/songs").status_code == 200


def test_a_moment_later_all_pass(client: TestClient, backend: Backend) -> None:
    client.post(COVERS)
    backend.error = None
    backend.now += 0.6
    assert client.post(COVERS).status_code == 200


def test_the_proxy_never_refuses_for_long(client: TestClient, backend: Backend) -> None:
    backend.error = LineFull("7 requests are waiting already", 3, 3600.0)
    client.post(COVERS)
    backend.error = None
    backend.now += 5.1
    assert client.post(COVERS).status_code == 200


def test_another_refusal_is_not_repeated(client: TestClient, backend: Backend) -> None:
    backend.error = Overloaded("too many requests wait for the translator", 3)
    assert client.post(COVERS).status_code == 503
    backend.error = None
    assert client.post(COVERS).status_code == 200


def test_a_disconnect_ends_the_refusals(backend: Backend) -> None:
    """The line is shorter by one that was not expected to go."""
    waiting, gone = asyncio.Event(), asyncio.Event()
    statuses: list[int] = []

    async def line(scope: Scope, receive: Receive, send: Send) -> None:
        if backend.error is not None:
            await answer_to(backend.error, Request(scope))(scope, receive, send)
            return
        backend.asked += 1
        waiting.set()
        await receive()

    async def send(message: Message) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    async def leaves() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def run() -> None:
        middleware = OverloadMiddleware(line, clock=lambda: backend.now)
        scope = {"type": "http", "method": "POST", "path": COVERS, "headers": []}
        full, backend.error = backend.error, None
        first = asyncio.create_task(middleware(dict(scope), leaves, send))
        await waiting.wait()
        backend.error = full
        await middleware(dict(scope), leaves, send)
        backend.error = None
        await middleware(dict(scope), leaves, send)
        assert (statuses, backend.asked) == ([503, 503], 1)
        gone.set()
        await first
        await middleware(dict(scope), leaves, send)
        assert (statuses, backend.asked) == ([503, 503], 2)

    asyncio.run(run())


def test_a_refusal_from_before_a_disconnect_is_not_repeated(backend: Backend) -> None:
    """A crowd that goes at once leaves refusals behind that are true no longer."""
    asked, answers = asyncio.Event(), asyncio.Event()
    passed = 0

    async def line(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal passed
        passed += 1
        if scope["slow"]:
            asked.set()
            await answers.wait()
            assert backend.error is not None
            await answer_to(backend.error, Request(scope))(scope, receive, send)
        else:
            await receive()

    async def send(message: Message) -> None:
        pass

    async def leaves() -> Message:
        return {"type": "http.disconnect"}

    async def run() -> None:
        middleware = OverloadMiddleware(line, clock=lambda: backend.now)
        scope = {"type": "http", "method": "POST", "path": COVERS, "headers": []}
        refused = asyncio.create_task(middleware({**scope, "slow": True}, leaves, send))
        await asked.wait()
        await middleware({**scope, "slow": False}, leaves, send)
        answers.set()
        await refused
        await middleware({**scope, "slow": False}, leaves, send)
        assert passed == 3

    asyncio.run(run())


def test_only_the_operators_headers_are_taken_out() -> None:
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    wrapped = middlewares()[0].cls(app)
    headers = [
        (b"x-request-timeout-seconds", b"0"),
        (b"X-Request-Disconnect-Disabled", b"?1"),
        (b"x-request-id", b"mine"),
    ]
    asyncio.run(wrapped({"type": "http", "headers": headers}, None, None))  # type: ignore[arg-type]
    asyncio.run(wrapped({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert scopes == [{"type": "http", "headers": headers[2:]}, {"type": "lifespan"}]


def test_the_middlewares_come_in_order() -> None:
    assert [middleware.cls for middleware in middlewares()] == [
        OperatorHeadersMiddleware,
        OverloadMiddleware,
        StopMiddleware,
        RayErrorMiddleware,
    ]
