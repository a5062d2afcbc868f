"""HEAD on every route that GET is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from deployments.api.service import Service

Song = Callable[..., dict[str, Any]]
NEW_EACH_TIME = {"date", "ratelimit"}


@pytest.fixture
def made(client: TestClient, song: Song) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/v1/covers", json=song(candidates=1)).json()
    return answer


def test_head_says_what_get_would(client: TestClient, made: dict[str, Any]) -> None:
    document = client.get("/openapi.json").json()
    paths = [path for path, operations in document["paths"].items() if "get" in operations]
    others = ["/", "/docs", "/openapi.json", "/web/app.js", "/web/none.js", "/nothing"]
    assert len(paths) >= 12
    for path in [*paths, *others]:
        url = path.format(cover_id=made["id"], rank=1, song_id="lrclib:1", model="x")
        got, head = client.get(url), client.head(url)
        assert head.status_code == got.status_code, url
        assert head.content == b""
        assert head.headers.keys() == got.headers.keys(), url
        if got.headers["content-type"] != "text/plain; version=0.0.4; charset=utf-8":
            length = "content-length"
            assert head.headers.get(length) == got.headers.get(length), url


def test_head_of_a_job_under_way_ends_at_once(
    client: TestClient, song: Song, service: Service
) -> None:
    service.runner.tunables = service.runner.tunables.model_copy(update={"drawing": 1})
    asked = {"Prefer": "respond-async"}
    job = client.post("/v1/covers", json=song(), headers=asked).json()
    head = client.head(job["events_url"])
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")


def test_a_route_without_get_has_no_head(client: TestClient) -> None:
    answer = client.head("/v1/images/generations")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/", "/web/app.js", "/docs", "/v1/models"])
def test_a_405_names_what_is_taken(client: TestClient, path: str) -> None:
    answer = client.request("PATCH", path)
    assert answer.status_code == 405
    assert {"GET", "HEAD"} <= set(answer.headers["allow"].split(", "))
