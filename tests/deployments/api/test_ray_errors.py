from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from deployments.api.ray_errors import RayErrorMiddleware

SECRET = "The actor died: class_name: ServeReplica:song-dalle:Ingress, ip: 10.0.0.7"


def client(answer: Response) -> TestClient:
    async def route(request: Request) -> Response:
        return answer

    app = Starlette(routes=[Route("/{path:path}", route, methods=["GET", "POST"])])
    app.add_middleware(RayErrorMiddleware)
    return TestClient(app)


@pytest.mark.parametrize(
    ("status", "told", "detail"),
    [
        (500, 503, "ended in the midst of it: repeat the request"),
        (503, 503, "starting, or too many"),
        (408, 408, "took too long"),
    ],
)
def test_rays_plain_errors_become_problems(status: int, told: int, detail: str) -> None:
    headers = {"x-request-id": "abc"} | ({"retry-after": "9"} if status == 503 else {})
    answer = client(PlainTextResponse(SECRET, status, headers)).post("/v1/covers")
    assert answer.status_code == told
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == told
    assert detail in problem["detail"]
    assert (problem["instance"], problem["request_id"]) == ("/v1/covers", "abc")
    assert answer.headers["x-request-id"] == "abc"
    assert answer.headers.get("retry-after") == {500: "5", 503: "9", 408: None}[status]
    assert "10.0.0.7" not in answer.text


def test_openais_clients_get_theirs() -> None:
    answer = client(PlainTextResponse(SECRET, 500)).post("/mounted/v1/images/generations")
    assert answer.status_code in (500, 503)
    assert set(answer.json()) == {"error"}
    assert "10.0.0.7" not in answer.text


def test_answers_in_pieces_are_dropped_whole() -> None:
    answer = client(StreamingResponse(iter([SECRET, SECRET]), 500, media_type="text/plain"))
    assert "10.0.0.7" not in answer.get("/v1/covers").text


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("fine"),
        JSONResponse({"status": 500}, 500),
        PlainTextResponse("not found", 404),
        StreamingResponse(iter(["data: 1", "data: 2"]), media_type="text/event-stream"),
    ],
)
def test_all_else_passes(answer: Response) -> None:
    status, kind = answer.status_code, answer.media_type
    got = client(answer).get("/v1/covers")
    assert got.status_code == status
    assert got.headers["content-type"].startswith(kind)
    assert got.content


def test_rays_own_health_stays_rays() -> None:
    assert client(PlainTextResponse("unhealthy", 503)).get("/-/healthz").text == "unhealthy"
