"""Who is turned away at the door while the line is full, and who passes."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from deployments.errors import Overloaded
from deployments.fullness import Fullness
from deployments.turnstile import Turnstile

COVERS, IMAGES = "/v1/covers", "/v1/images/generations"


class Clock:
    """Seconds, moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> TestClient:
    """An application behind a turnstile that found the line full at second 0."""

    async def passed(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"passed {(await request.body()).decode()}")

    paths = (COVERS, IMAGES, "/v1/songs")
    app = Starlette(routes=[Route(path, passed, methods=["GET", "POST"]) for path in paths])
    full = Fullness(clock)
    full.remember(Overloaded("7 requests are waiting already", 3), 5.0)
    app.add_middleware(Turnstile, fullness=full)
    return TestClient(app)


def test_a_full_line_refuses_with_a_problem(client: TestClient) -> None:
    answer = client.post(COVERS, content=b"not read")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:song-dalle:problem:overloaded"
    assert answer.json()["detail"] == "7 requests are waiting already"


def test_openais_clients_get_openais_error(client: TestClient) -> None:
    answer = client.post(IMAGES, json={"prompt": "a balloon"})
    assert answer.status_code == 503
    assert "7 requests" in answer.json()["error"]["message"]


@pytest.mark.parametrize("headers", [{"Idempotency-Key": "k"}, {"Prefer": "wait=5, respond-async"}])
def test_known_and_patient_requests_pass(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post(COVERS, content=b"whole", headers=headers).text == "passed whole"


def test_other_requests_pass(client: TestClient) -> None:
    assert client.get(COVERS).status_code == 200
    assert client.post("/v1/songs").status_code == 200


def test_a_moment_later_all_pass(client: TestClient, clock: Clock) -> None:
    clock.now = 1.0
    assert client.post(COVERS).status_code == 200
