"""Whose word is taken for the client's address, scheme, host and prefix."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from typing import Any

import pytest

from deployments.api.origin import Origin, OriginMiddleware, as_address, origin_of

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


def scope_of(peer: str, **headers: str | list[str]) -> dict[str, Any]:
    lines = [
        (f"x-forwarded-{name}".encode(), line.encode())
        for name, value in headers.items()
        for line in ([value] if isinstance(value, str) else value)
    ]
    return {"type": "http", "client": (peer, 1), "headers": lines, "path": "/", "scheme": "http"}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("1.1.1.1", [], "1.1.1.1"),
        ("1.1.1.1", ["9.9.9.9"], "1.1.1.1"),
        ("127.0.0.1", ["9.9.9.9"], "127.0.0.1"),
        ("::1", ["9.9.9.9"], "::1"),
        ("10.0.0.1", ["9.9.9.9"], "9.9.9.9"),
        ("::ffff:10.0.0.1", ["9.9.9.9"], "9.9.9.9"),
        ("10.0.0.1", ["8.8.8.8, 9.9.9.9"], "9.9.9.9"),
        ("10.0.0.1", ["8.8.8.8", "9.9.9.9"], "9.9.9.9"),  # HAProxy adds a line of its own
        ("10.0.0.1", ["9.9.9.9, 10.0.0.2"], "9.9.9.9"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["9.9.9.9:4711"], "9.9.9.9"),  # Azure's gateway tells the port
        ("2001:db8::1", ['"[2001:4860::8]:443"'], "2001:4860::8"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["9.9.9.9, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("fe80::1%eth0", [], "fe80::1"),
        ("testclient", ["9.9.9.9"], "testclient"),
    ],
)
def test_the_address_is_the_last_that_no_trusted_proxy_has(
    peer: str, forwarded: list[str], address: str
) -> None:
    assert origin_of(scope_of(peer, **{"for": forwarded}), PROXIES).address == address


def test_only_a_trusted_proxy_tells_scheme_host_and_prefix() -> None:
    told = {"for": "9.9.9.9", "proto": "HTTPS", "host": "art.example:8443", "prefix": "/music/"}
    believed = Origin("9.9.9.9", "https", "art.example:8443", "/music")
    assert origin_of(scope_of("10.0.0.1", **told), PROXIES) == believed
    assert origin_of(scope_of("127.0.0.1", **told), PROXIES) == Origin("127.0.0.1")
    assert origin_of(scope_of("127.0.0.1", **told), []) == Origin("127.0.0.1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("proto", "gopher"),
        ("proto", ""),
        ("host", "a b"),
        ("host", "evil.example/path"),
        ("host", "a@b"),
        ("host", "[::1"),
        ("prefix", "music"),
        ("prefix", "//evil.example"),
        ("prefix", "/a b"),
        ("prefix", "/"),
    ],
)
def test_what_is_no_scheme_host_or_prefix_is_passed_over(name: str, value: str) -> None:
    assert origin_of(scope_of("10.0.0.1", **{name: value}), PROXIES) == Origin("10.0.0.1")


def test_of_several_values_that_of_the_outermost_trusted_proxy_counts() -> None:
    """A client's own value stands before what the proxies add."""
    told = {"for": ["9.9.9.9, 10.0.0.2"], "proto": ["http, https, http"]}
    assert origin_of(scope_of("10.0.0.1", **told), PROXIES).scheme == "https"
    assert origin_of(scope_of("10.0.0.1", **told | {"for": []}), PROXIES).scheme == "http"


def test_the_application_sees_what_is_believed() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    told = {"for": "9.9.9.9", "proto": "https", "host": "art.example", "prefix": "/music"}
    scope = scope_of("10.0.0.1", **told)
    scope["headers"].append((b"host", b"inside:8000"))
    middleware = OriginMiddleware(app, lambda: PROXIES)
    asyncio.run(middleware(scope, None, None))  # type: ignore[arg-type]
    (after,) = seen
    assert (after["client"][0], after["scheme"]) == ("9.9.9.9", "https")
    assert [value for name, value in after["headers"] if name == b"host"] == [b"art.example"]
    assert (after["root_path"], after["path"]) == ("/music", "/music/")
    assert scope["client"] == ("10.0.0.1", 1)


@pytest.mark.parametrize(
    "text", ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "::g", "1.2.3.4:x"]
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert as_address(text) is None
