from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.testclient import TestClient

from deployments.api.access import guarded
from deployments.api.application import build_api
from deployments.api.service import Service
from deployments.config.user_config import AccessKey, AccessTunables
from deployments.contract.errors import DatabaseUnavailable
from deployments.pipeline.stage_calls import Stages
from tests.deployments.streams import ServerSentEvent, events

Song = Callable[..., dict[str, Any]]
KEYS = tuple(
    AccessKey(name=name, sha256=hashlib.sha256(f"key of {name}".encode()).hexdigest())
    for name in ("ann", "bob")
)
ANN = {"Authorization": "Bearer key of ann"}
BOB = {"X-API-Key": "key of bob"}


def allow(service: Service, **tunables: Any) -> None:
    service.guard.tunables = AccessTunables.model_validate(tunables)


def test_without_keys_everybody_may(client: TestClient, song: Song) -> None:
    response = client.post("/v1/covers", json=song(candidates=1))
    assert response.status_code == 200
    assert "ratelimit" not in response.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic key of ann"},
        {"X-API-Key": "\x7f"},
    ],
)
def test_without_a_good_key_nobody_may(
    client: TestClient, song: Song, service: Service, headers: dict[str, str]
) -> None:
    allow(service, keys=KEYS)
    for method, path in (
        ("POST", "/v1/covers"),
        ("GET", "/v1/covers"),
        ("GET", "/v1/ratings/summary"),
    ):
        response = client.request(method, path, json=song(), headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.headers["content-type"] == "application/problem+json"
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200


def test_each_key_has_its_own_history(client: TestClient, song: Song, service: Service) -> None:
    allow(service, keys=KEYS)
    made = client.post("/v1/covers", json=song(candidates=1), headers=ANN).json()
    url = f"/v1/covers/{made['id']}"
    assert client.get(url, headers=ANN).status_code == 200
    rating = {"rank": 1, "satisfaction": 3}
    for method, path, body in (
        ("GET", url, None),
        ("GET", f"{url}/events", None),
        ("PUT", f"{url}/ratings", rating),
        ("DELETE", url, None),
    ):
        assert client.request(method, path, json=body, headers=BOB).status_code == 404
    assert client.delete("/v1/covers", headers=BOB).status_code == 204
    assert client.get("/v1/covers", headers=BOB).json()["covers"] == []
    assert len(client.get("/v1/covers", headers=ANN).json()["covers"]) == 1
    # a page shows pictures by their address alone
    assert client.get(made["covers"][0]["url"]).status_code == 200


def test_the_same_idempotency_key_of_two_clients_is_two_jobs(
    client: TestClient, song: Song, service: Service
) -> None:
    allow(service, keys=KEYS)
    once = {"Idempotency-Key": "1"}
    made = [
        client.post("/v1/covers", json=song(candidates=1), headers={**who, **once}).json()["id"]
        for who in (ANN, BOB, ANN)
    ]
    assert made[0] == made[2] != made[1]


def test_a_rate_is_limited_and_told(client: TestClient, song: Song, service: Service) -> None:
    allow(service, keys=KEYS, draws_per_minute=2, requests_per_minute=3)

    def draw(who: dict[str, str]) -> Any:
        return client.post("/v1/covers", json=song(candidates=1), headers=who)

    first, second, third = draw(ANN), draw(ANN), draw(ANN)
    assert [r.status_code for r in (first, second, third)] == [200, 200, 429]
    assert first.headers["ratelimit-policy"] == '"draw";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"draw";r=1;t=')
    assert third.headers["ratelimit"].startswith('"draw";r=0;t=')
    assert 1 <= int(third.headers["retry-after"]) <= 60
    assert third.headers["content-type"] == "application/problem+json"
    assert draw(BOB).status_code == 200  # a limit of his own
    assert client.get("/v1/covers", headers=ANN).status_code == 200  # reading counts apart


def test_ingresses_that_share_a_limit_count_together(
    client: TestClient, song: Song, service: Service, stages: Stages, tmp_path: Path
) -> None:
    other = Service(stages, tmp_path, upscale=1)
    for each in (service, other):
        allow(each, keys=KEYS, draws_per_minute=3, shared=True)

    def draw(at: TestClient) -> Any:
        return at.post("/v1/covers", json=song(candidates=1), headers=ANN)

    with TestClient(build_api(other), raise_server_exceptions=False) as second:
        answers = [draw(client), draw(second), draw(second), draw(client), draw(second)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[1].headers["ratelimit"].startswith('"draw";r=1;t=')
        assert 1 <= int(answers[3].headers["retry-after"]) <= 21
        assert second.get("/v1/covers", headers=ANN).status_code == 200


def test_a_limit_that_cannot_be_counted_is_told(
    client: TestClient, song: Song, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(service, draws_per_minute=3, shared=True)

    async def fail(*_: object) -> None:
        raise DatabaseUnavailable("the database does not answer: try again soon")

    monkeypatch.setattr(service.database, "write", fail)
    answer = client.post("/v1/covers", json=song())
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"


def test_addresses_without_keys_are_limited(
    client: TestClient, song: Song, service: Service
) -> None:
    allow(service, requests_per_minute=1, proxies=["10.0.0.0/8"])
    assert [client.get("/v1/covers").status_code for _ in range(2)] == [200, 429]
    # the client of a proxy that nobody trusts may say what it wants
    liar = {"X-Forwarded-For": "1.2.3.4"}
    assert client.get("/v1/covers", headers=liar).status_code == 429
    assert client.get("/healthz").status_code == 200


def test_guessing_keys_is_limited(client: TestClient, service: Service) -> None:
    allow(service, keys=KEYS, requests_per_minute=3)
    guesses = [
        client.get("/v1/covers", headers={"X-API-Key": str(n)}).status_code for n in range(5)
    ]
    assert guesses == [401, 401, 401, 429, 429]


@pytest.mark.parametrize(
    ("peer", "bucket"),
    [
        ("1.1.1.1", "1.1.1.1"),
        ("::ffff:1.1.1.1", "1.1.1.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_requests_are_counted_for_an_address_or_a_household(
    service: Service, peer: str, bucket: str
) -> None:
    scope = {"type": "http", "client": (peer, 1), "headers": [], "method": "GET", "path": "/"}
    assert service.guard.address(Request(scope)) == bucket


def test_no_header_gives_another_bucket(client: TestClient, service: Service) -> None:
    allow(service, draws_per_minute=2, requests_per_minute=2)
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP")
    for method in ("POST", "GET"):
        answers = []
        for n in range(4):
            headers = {name: f"203.0.113.{n}" for name in names}
            answers.append(client.request(method, "/v1/covers", json={}, headers=headers))
        assert [answer.status_code for answer in answers[2:]] == [429, 429]


@pytest.mark.parametrize(
    "path", ["/v1/covers", "/v1/covers%0A", "/v1/covers/", "/v1/images/../covers"]
)
def test_no_other_way_to_write_a_path_counts_apart(
    client: TestClient, service: Service, path: str
) -> None:
    allow(service, draws_per_minute=1)
    assert client.post("/v1/covers", json={}).status_code == 422
    assert client.post(path, json={}).status_code in (429, 404)


@pytest.mark.parametrize(
    "path", ["/v1/songs/lrclib:1.png", "/v1/covers/0.png", "/v1/covers/0/events.png"]
)
def test_only_pictures_need_no_key(client: TestClient, service: Service, path: str) -> None:
    allow(service, keys=KEYS)
    assert client.get(path).status_code == 401


def test_other_origins_are_let_in_when_they_are_named(client: TestClient, service: Service) -> None:
    ours, theirs = {"Origin": "https://ours.example"}, {"Origin": "https://theirs.example"}
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    assert "access-control-allow-origin" not in client.get("/v1/covers", headers=ours).headers
    assert client.options("/v1/covers", headers={**ours, **preflight}).status_code == 405
    allow(service, origins=["https://ours.example"], keys=KEYS)
    let_in = client.options("/v1/covers", headers={**ours, **preflight})
    assert let_in.status_code == 200
    assert let_in.headers["access-control-allow-origin"] == "https://ours.example"
    read = client.get("/v1/covers", headers={**ours, **ANN})
    assert read.headers["access-control-allow-origin"] == "https://ours.example"
    assert client.options("/v1/covers", headers={**theirs, **preflight}).status_code == 400
    allow(service)
    assert "access-control-allow-origin" not in client.get("/v1/covers", headers=ours).headers


@pytest.mark.parametrize(
    "tunables",
    [
        {"keys": [{"name": "a b", "sha256": "0" * 64}]},
        {"keys": [{"name": "a", "sha256": "the key itself"}]},
        {"keys": [{"name": "a", "key": "x"}]},
        {"draws_per_minute": 0},
        {"origins": ["*"]},
        {"proxies": ["everywhere"]},
    ],
)
def test_odd_settings_are_refused(tunables: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        AccessTunables.model_validate(tunables)


def walked(client: TestClient, prefix: str) -> set[tuple[str, str]]:
    """Ask for every operation of the OpenAPI document, and for HEAD; those that wanted a key."""
    paths: dict[str, dict[str, Any]] = client.get(f"{prefix}/openapi.json").json()["paths"]
    refused = set()
    for path, operations in paths.items():
        for method in {*operations, *(["head"] if "get" in operations else [])}:
            answer = client.request(method, f"{prefix}{path}", follow_redirects=False)
            if answer.status_code == 401:
                refused.add((method, path))
                assert answer.headers["www-authenticate"] == "Bearer"
    return refused


def under_route_prefix(app: Any) -> TestClient:
    """As Ray Serve mounts it: the prefix stays in the path and stands in `root_path`."""
    return TestClient(app, root_path="/covers")


def under_an_untidy_root_path(app: Any) -> TestClient:
    """As uvicorn does with `http_options.root_path: /covers/`, which it puts before the path as it is."""

    async def uvicorn(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            path = "/covers/" + scope["path"].removeprefix("/covers")
            scope = {**scope, "root_path": "/covers/", "path": path}
        await app(scope, receive, send)

    return TestClient(uvicorn)


def under_a_mount(app: Any) -> TestClient:
    """As another application mounts it."""
    lifespan = app.router.lifespan_context
    return TestClient(
        Starlette(routes=[Mount("/covers", app=app)], lifespan=lambda _: lifespan(app))
    )


def behind_a_proxy(app: Any) -> TestClient:
    """A trusted proxy takes the prefix away and tells it."""

    async def proxy(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [*scope["headers"], (b"x-forwarded-prefix", b"/covers")]
            path, peer = scope["path"].removeprefix("/covers"), ("10.0.0.1", 1)
            scope = {**scope, "path": path, "headers": headers, "client": peer}
        await app(scope, receive, send)

    return TestClient(proxy)


MOUNTS = [under_route_prefix, under_an_untidy_root_path, under_a_mount, behind_a_proxy]


@pytest.mark.parametrize("mounted", MOUNTS)
def test_a_prefix_opens_no_route(mounted: Callable[[Any], TestClient], service: Service) -> None:
    allow(service, keys=KEYS, proxies=["10.0.0.0/8"])
    app = build_api(service)
    plain = walked(TestClient(app), "")
    assert ("delete", "/v1/covers") in plain
    assert len(plain) >= 20
    assert {path for _, path in plain} == {p for p in app.openapi()["paths"] if guarded(p)}
    assert walked(mounted(app), "/covers") == plain


@pytest.mark.parametrize("mounted", MOUNTS)
def test_a_prefix_changes_no_owner(
    mounted: Callable[[Any], TestClient], service: Service, song: Song
) -> None:
    allow(service, keys=KEYS, proxies=["10.0.0.0/8"])
    with mounted(build_api(service)) as client:
        made = client.post("/covers/v1/covers", json=song(candidates=1), headers=ANN).json()
        assert client.get(f"/covers/v1/covers/{made['id']}", headers=BOB).status_code == 404
        assert client.delete("/covers/v1/covers").status_code == 401
        assert client.delete("/covers/v1/covers", headers=BOB).status_code == 204
        assert client.get(f"/covers/v1/covers/{made['id']}", headers=ANN).status_code == 200


@pytest.mark.parametrize("mounted", MOUNTS)
def test_a_prefix_lifts_no_limit(mounted: Callable[[Any], TestClient], service: Service) -> None:
    allow(service, draws_per_minute=1, requests_per_minute=3, proxies=["10.0.0.0/8"])
    client = mounted(build_api(service))
    for path, status in (("/v1/covers", [422, 429]), ("/v1/images/generations", [429])):
        answers = [client.post(f"/covers{path}", json={}) for _ in status]
        assert [answer.status_code for answer in answers] == status
    assert set(answers[-1].json()) == {"error"}  # the shape of OpenAI's routes
    answers = [client.put("/covers/v1/covers") for _ in range(3)]
    answers += [client.head("/covers/v1/covers")]
    assert [answer.status_code for answer in answers] == [405, 405, 405, 429]
    assert answers[0].headers["allow"] == "DELETE, GET, HEAD, POST"


@pytest.mark.parametrize("mounted", MOUNTS)
def test_addresses_in_answers_lead_back(
    mounted: Callable[[Any], TestClient], service: Service, song: Song
) -> None:
    allow(service, proxies=["10.0.0.0/8"])
    with mounted(build_api(service)) as client:
        later = {"Prefer": "respond-async"}
        accepted = client.post("/covers/v1/covers", json=song(candidates=1), headers=later)
        job, stream = accepted.json(), events_of(client, accepted.json()["events_url"])
        assert accepted.headers["location"] == f"/covers/v1/covers/{job['id']}"
        queued, done = stream[0].data, stream[-1].data
        assert queued["url"] == accepted.headers["location"]
        assert queued["events_url"] == job["events_url"]
        made = client.get(queued["url"]).json()
        listed = client.get("/covers/v1/covers").json()["covers"][0]
        assert done["covers"][0]["url"] == made["covers"][0]["url"] == listed["image_url"]
        assert client.get(listed["image_url"]).headers["content-type"] == "image/png"
        waited = client.post("/covers/v1/covers", json=song(candidates=1))
        assert client.get(waited.headers["content-location"]).json()["id"] == waited.json()["id"]
        streamed = client.post(
            "/covers/v1/covers", json=song(candidates=1), headers={"Accept": "text/event-stream"}
        )
        assert client.get(streamed.headers["content-location"]).status_code == 200
        asked = {"prompt": "a red kite", "response_format": "url"}
        drawn = client.post("/covers/v1/images/generations", json=asked).json()["data"][0]["url"]
        assert drawn.startswith("http://testserver/covers/v1/images/")
        assert client.get(drawn).status_code == 200
        missing = client.get(f"/covers/v1/covers/{'0' * 32}").json()
        assert missing["instance"] == f"/covers/v1/covers/{'0' * 32}"
        assert client.get("/covers/docs").text.count("'/covers/openapi.json'") == 1


def events_of(client: TestClient, url: str) -> list[ServerSentEvent]:
    return list(events(client.get(url).text.split("\n")))
