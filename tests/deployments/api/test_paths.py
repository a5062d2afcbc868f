"""Prefixes: where they end, and that every part of the application sees the same end."""

from __future__ import annotations

import itertools

import pytest
from starlette.routing import Match, Route

from deployments.api.paths import guessed_prefix, route_path, with_one_prefix


@pytest.mark.parametrize(
    ("path", "root", "route"),
    [
        ("/v1/covers", "", "/v1/covers"),
        ("/v1/covers", "/", "/v1/covers"),
        ("//v1/covers", "/", "/v1/covers"),
        ("/covers/v1/covers", "/covers", "/v1/covers"),
        ("/covers/v1/covers", "/covers/", "/v1/covers"),
        ("/covers//v1/covers", "/covers/", "/v1/covers"),
        ("covers/v1/covers", "covers", "/v1/covers"),
        ("/coversx/v1/covers", "/covers", "/coversx/v1/covers"),
        ("/v1/covers", "/covers", "/v1/covers"),
        ("/v1/v1/covers", "/v1", "/v1/covers"),
        ("/covers", "/covers", "/"),
        ("/covers/", "/covers", "/"),
        ("//v1/covers", "", "//v1/covers"),
        ("/v1/covers\n", "", "/v1/covers"),
    ],
)
def test_a_prefix_ends_with_a_segment(path: str, root: str, route: str) -> None:
    assert route_path({"path": path, "root_path": root}) == route


def test_the_routes_and_the_guard_divide_a_path_alike() -> None:
    """What Starlette takes for a route of the API is what `route_path` says, however it is written."""

    async def endpoint() -> None: ...

    target = Route("/v1/covers", endpoint, methods=["POST"])
    roots = ["", "/", "/p", "/p/", "//p", "p", "/v1", "/p/q", "/p//q/"]
    fronts = ["", "/", "//", "/p", "/p/", "/p//", "/px", "p", "/v1", "/p/q", "/p//q", "/p//q/"]
    ends = ["/v1/covers", "v1/covers", "/v1/covers\n", "/v1//covers"]
    found = 0
    for root, front, end in itertools.product(roots, fronts, ends):
        scope = {"type": "http", "method": "POST", "path": front + end, "root_path": root}
        tidy = with_one_prefix(scope)
        matched = target.matches(tidy)[0] is Match.FULL
        assert (route_path(tidy) == "/v1/covers") is matched, (root, front + end)
        assert route_path(tidy) == route_path(scope)
        found += matched
    assert found > 20


def test_a_proxys_prefix_comes_before_ones_own() -> None:
    scope = {"path": "/covers/v1/models", "root_path": "/covers"}
    tidy = with_one_prefix(scope, "/music")
    assert (tidy["root_path"], tidy["path"]) == ("/music/covers", "/music/covers/v1/models")
    told_twice = with_one_prefix({"path": "/p/v1/models", "root_path": "/p"}, "/p")
    assert (told_twice["root_path"], told_twice["path"]) == ("/p", "/p/v1/models")


@pytest.mark.parametrize(
    ("path", "prefix", "route"),
    [
        ("/v1/covers", "", "/v1/covers"),
        ("/a/b/v1/images/generations", "/a/b", "/v1/images/generations"),
        ("/v1/v1/covers\n", "/v1", "/v1/covers"),
        ("/av1/covers", "", "/av1/covers"),
        ("/a/readyz", "", "/a/readyz"),
    ],
)
def test_an_unknown_prefix_is_what_stands_before_v1(path: str, prefix: str, route: str) -> None:
    assert guessed_prefix(path) == (prefix, route)
