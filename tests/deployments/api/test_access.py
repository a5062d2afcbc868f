from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.testclient import TestClient

from deployments.api.access import AccessControl, guarded
from deployments.api.application import build_api
from deployments.api.service import Service
from deployments.config.user_config import AccessKey, AccessTunables

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
    ("peer", "forwarded", "address"),
    [
        ("1.1.1.1", "", "1.1.1.1"),
        ("1.1.1.1", "9.9.9.9", "1.1.1.1"),
        ("10.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "8.8.8.8, 9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "9.9.9.9, 10.0.0.2", "9.9.9.9"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("testclient", "", "testclient"),
    ],
)
def test_the_address_is_the_last_that_a_trusted_proxy_forwards(
    peer: str, forwarded: str, address: str
) -> None:
    guard = AccessControl()
    guard.tunables = AccessTunables.model_validate({"proxies": ["10.0.0.0/8"]})
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope = {"type": "http", "client": (peer, 1), "headers": headers, "method": "GET", "path": "/"}
    assert guard.address(Request(scope)) == address


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


def under_root_path(app: Any) -> TestClient:
    """As Ray Serve mounts it: the prefix stays in the path and stands in `root_path`."""
    return TestClient(app, root_path="/covers")


def under_a_mount(app: Any) -> TestClient:
    """As another application mounts it."""
    return TestClient(Starlette(routes=[Mount("/covers", app=app)]))


@pytest.mark.parametrize("mounted", [under_root_path, under_a_mount])
def test_a_prefix_opens_no_route(mounted: Callable[[Any], TestClient], service: Service) -> None:
    allow(service, keys=KEYS)
    app = build_api(service)
    client = mounted(app)
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    walked = 0
    for path, operations in paths.items():
        for method in operations:
            answer = client.request(method, f"/covers{path}")
            if guarded(path):
                assert answer.status_code == 401, (method, path)
                walked += 1
            else:
                assert answer.status_code != 401, (method, path)
    assert walked >= 12
    openai = client.post("/covers/v1/images/generations", json={})
    assert set(openai.json()) == {"error"}


@pytest.mark.parametrize("mounted", [under_root_path, under_a_mount])
def test_a_prefix_lifts_no_limit(mounted: Callable[[Any], TestClient], service: Service) -> None:
    allow(service, draws_per_minute=1, requests_per_minute=2)
    client = mounted(build_api(service))
    for path, status in (("/v1/covers", [422, 429]), ("/v1/images/generations", [429])):
        answers = [client.post(f"/covers{path}", json={}) for _ in status]
        assert [answer.status_code for answer in answers] == status
    answers = [client.put("/covers/v1/covers") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [405, 405, 429]
    assert answers[0].headers["allow"] == "DELETE, GET, POST"
